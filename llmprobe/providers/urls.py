"""Base URLs as people write them: with or without `/v1`, a trailing slash, or the full path."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit

_VERSION = re.compile(r"/v\d+(?:(?:alpha|beta)\d*)?(?=/|$)")


def normalise_base(url: str, *, prefix: str, endpoints: Iterable[str]) -> str:
    """
    The URL that the endpoints of a dialect are appended to.

    Args:
        url: As written in a file, a flag or a variable.
        prefix: What a URL without any version gets, for example `/v1`; empty for none.
        endpoints: Paths of the dialect that are cut off when somebody pasted the full URL.

    Returns:
        No trailing slash. A query (`?api-version=…`) is dropped: dialects add their own.
    """
    parts = urlsplit(url.strip())
    path = parts.path.rstrip("/")
    for endpoint in sorted(endpoints, key=len, reverse=True):
        if path.endswith(endpoint):
            path = path[: -len(endpoint)].rstrip("/")
            break
    if prefix and not _VERSION.search(path):
        path += prefix
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))
