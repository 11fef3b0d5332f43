"""An HTTP exchange as tools print it (`curl -i`, `curl -v`, HTTPie, a proxy's log): the last answer in it."""

from __future__ import annotations

import re

from llmprobe.explanation.hosts import provider_in
from llmprobe.explanation.observed import Headers, Observed
from llmprobe.model.explanation import ReadAs

_STATUS_LINE = r"(?im)^[< \t]*HTTP/\d(?:\.\d)?[ \t]+([1-5]\d\d)\b[^\r\n]*$"
_HEADER = r"([!#$%&'*+.^`|~\w-]+)[ \t]*:[ \t]*(.*)"
_NOTE = r"[*>](?:\s|$)|[{}] \["
_MOST_HEADERS = 200


def read_http(text: str) -> Observed | None:
    """The answer that a dump holds, or None where it holds none; `1xx` and a proxy's 200 come before it."""
    answers = list(re.finditer(_STATUS_LINE, text))
    if not answers:
        return None
    last = answers[-1]
    is_verbose = bool(re.search(r"(?m)^< ", text))
    headers, body = _split(text[last.end() :].lstrip("\r").removeprefix("\n"), is_verbose)
    provider = provider_in(text[: last.start()])
    return Observed(ReadAs.HTTP, status=int(last[1]), headers=headers, body=body, provider=provider)


def _split(text: str, is_verbose: bool) -> tuple[Headers, str]:
    """Headers up to the empty line, and the body; the notes of `curl -v` are taken out of both."""
    lines = text.splitlines()
    if is_verbose:
        lines = [re.sub(r"^<(?: |$)", "", line) for line in lines if not re.match(_NOTE, line)]
    headers: list[tuple[str, str]] = []
    for n, line in enumerate(lines):
        match = re.fullmatch(_HEADER, line.strip())
        if match is None or len(headers) >= _MOST_HEADERS:
            return tuple(headers), "\n".join(lines[n:]).strip()
        headers.append((match[1], match[2]))
    return tuple(headers), ""
