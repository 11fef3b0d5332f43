"""Metrics as a scraper asked for them: OpenMetrics or text, compressed or not."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping

from msgspec import Struct
from prometheus_client import ProcessCollector
from prometheus_client.exposition import choose_encoder, gzip_accepted
from prometheus_client.metrics_core import Metric as Family

from llmprobe.redact import SCRUB
from llmprobe.reports.parts.series import Series

_LEAST_GZIPPED = 1024
_MOST_FORMATS = 16
_FORMATS: dict[str, Series] = {}
"""By the content type: scrapers ask for two or three."""


class Exposition(Struct, frozen=True):
    """A body, and the headers that say what it is."""

    body: bytes
    headers: Mapping[str, str]


def exposition(
    found: Iterable[Family], accept: str = "", accept_encoding: str = "", *, of_process: bool = False
) -> Exposition:
    """
    Encode metrics.

    Args:
        accept: The request's header; OpenMetrics where it is asked for, else text 0.0.4.
        accept_encoding: The request's header.
        of_process: Add the process's own memory, CPU time and descriptors.
    """
    series, content_type = _series_for(accept)
    own = ProcessCollector(registry=None).collect() if of_process else ()
    body = SCRUB(series.text([*found, *own])).encode("utf-8")
    headers = {"content-type": content_type, "vary": "Accept, Accept-Encoding"}
    if gzip_accepted(accept_encoding) and len(body) >= _LEAST_GZIPPED:
        return Exposition(gzip.compress(body, 1), {**headers, "content-encoding": "gzip"})
    return Exposition(body, headers)


def _series_for(accept: str) -> tuple[Series, str]:
    try:
        encode, content_type = choose_encoder(accept)
    except (TypeError, ValueError):  # it asks for a version that is none
        encode, content_type = choose_encoder("")
    if content_type not in _FORMATS:
        if len(_FORMATS) >= _MOST_FORMATS:
            _FORMATS.clear()
        _FORMATS[content_type] = Series(encode)
    return _FORMATS[content_type], content_type
