"""
The kinds of page, and which of them an answer is.

Vendors change the maker of their page without notice: the kind is read off the answer, not off our catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmprobe.foreign import text_of
from llmprobe.statuspages import (
    aws,
    azure,
    betterstack,
    datadog,
    feed,
    flashduty,
    google,
    incident_io,
    instatus,
    others,
    statuspage,
)
from llmprobe.statuspages.interface import Claim, Reader, UnreadableError, loaded

READERS: Mapping[str, Reader] = {
    "datadog": datadog.READER,
    "flashduty": flashduty.WIDGET,
    "betterstack": betterstack.READER,
    "instatus": instatus.SUMMARY,
    "instatus components": instatus.COMPONENTS,
    "incident.io widget": incident_io.WIDGET,
    "incident.io page": incident_io.PAGE_DATA,
    "google": google.CLOUD,
    "ai-studio": google.AI_STUDIO,
    "aws": aws.EVENTS,
    "aws services": aws.SERVICES,
    "flashcat": flashduty.ACTIVE,
    "checkly": others.CHECKLY,
    "cachet": others.CACHET,
    "status.io": others.STATUS_IO,
    "rootly": statuspage.ROOTLY,
    "statuspage": statuspage.READER,
}
"""What reads JSON, in the order in which an answer is compared with them: the least particular last."""

_PATHS = {"incident.io": statuspage.READER.path, **{kind: reader.path for kind, reader in READERS.items()}}
_LISTS = ("aws", "google")
_USUAL = ("statuspage", "instatus", "betterstack", "flashduty", "rootly", "datadog")
"""Where the page of an unknown maker is looked for, the most common first."""
KINDS = (*_PATHS, "rss", "html")
"""What the catalogue may call a page; `html` has nothing that a program can read."""


def paths(kind: str) -> list[str]:
    """Below the address of a page: where its kind answers, then where others do."""
    return list(dict.fromkeys([_PATHS.get(kind, ""), *(_PATHS[usual] for usual in _USUAL)]))


def understood(body: bytes, wanted: Sequence[str], kind: str = "") -> Claim:
    """
    The claim of a page of any kind.

    Args:
        kind: What it is expected to be: of some kinds an empty list is an answer, too.

    Raises:
        UnreadableError: It is of no known kind.
    """
    if body.lstrip()[:1] == b"<":
        return _markup(body, wanted, kind)
    page = loaded(body)
    if page == [] and kind in _LISTS:
        return READERS[kind].parse(page, wanted)
    for reader in READERS.values():
        if reader.fits(page):
            return reader.parse(page, wanted)
    raise UnreadableError("it is JSON of another shape")


def _markup(body: bytes, wanted: Sequence[str], kind: str) -> Claim:
    if azure.ROW.encode() in body:
        return azure.parse(text_of(body, len(body)), wanted)
    try:
        return feed.parse(body, wanted)
    except UnreadableError:
        if kind == "rss":
            raise
        raise UnreadableError("it is not JSON") from None
