"""Rate-limit headers of every vendor, read by their shape rather than by their name."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from llmprobe.dates import parse_reset_s
from llmprobe.model import Window

_MARKER = re.compile(r"rate-?limit|tokenlimit|trial-endpoint-call")
_ROLES = ("limit", "remaining", "reset")
_WINDOWS = {
    "minute": "minute",
    "min": "minute",
    "day": "day",
    "hour": "hour",
    "month": "month",
    "monthly": "month",
}
_IETF_ITEM = r";\s*([rqtw])=(\d+)"


def windows_of(headers: Iterable[tuple[str, str]], now_s: float) -> tuple[Window | None, Window | None]:
    """
    The tightest windows for requests and for tokens.

    Args:
        headers: Of an answer, in any case.
        now_s: Epoch seconds, for resets told as a moment.

    Returns:
        (requests, tokens); None where no header spoke of it. `-1` and nonsense are unknown.

    Source: OpenAI, Groq, Azure `x-ratelimit-remaining-tokens`; Anthropic
    `anthropic-ratelimit-input-tokens-remaining`; Mistral `…-req-minute`; Cerebras
    `…-tokens-minute`; Together `x-tokenlimit-limit`; Hugging Face `ratelimit: "api";r=0;t=55`
    (providers.md, read 2026-11-22).
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for header, value in headers:
        name = header.lower()
        if name == "ratelimit":
            found[("requests", "ietf")] = _ietf(value)
        elif role := _role(name):
            kind = "tokens" if "token" in name else "requests"
            found.setdefault((kind, _family(name, role)), {})[role] = value
    merged = _merge(found, now_s)
    return _tightest(merged["requests"]), _tightest(merged["tokens"])


def _role(name: str) -> str | None:
    """`limit`, `remaining` or `reset`, from what is left of the name beside its marker."""
    if not _MARKER.search(name):
        return None
    rest = re.split(r"[-_]", _MARKER.sub("@", name))
    return next((role for role in _ROLES if role in rest), None)


def _family(name: str, role: str) -> str:
    """The name without its role: what limit, remaining and reset of one window share."""
    marker = _MARKER.search(name)
    end = marker.end() if marker else 0
    head, tail = name[:end], name[end:]
    return head + tail.replace(role, "", 1) if role in tail else name.replace(role, "", 1)


def _ietf(value: str) -> dict[str, str]:
    letters = {"r": "remaining", "t": "reset", "q": "limit"}
    return {letters[k]: v for k, v in re.findall(_IETF_ITEM, value) if k in letters}


def _merge(found: dict[tuple[str, str], dict[str, str]], now_s: float) -> dict[str, list[Window]]:
    merged: dict[str, list[Window]] = {"requests": [], "tokens": []}
    for (kind, name), roles in found.items():
        window = Window(
            limit=_count(roles.get("limit")),
            remaining=_count(roles.get("remaining")),
            reset_s=_reset(roles.get("reset"), now_s),
            window=next((_WINDOWS[w] for w in re.split(r"[-_]", name) if w in _WINDOWS), None),
        )
        if (window.limit, window.remaining, window.reset_s) != (None, None, None):
            merged[kind].append(window)
    return merged


def _tightest(windows: list[Window]) -> Window | None:
    """The window with the least left of its limit; one without figures only where there is no other."""

    def left(window: Window) -> float:
        if window.remaining is None:
            return 2.0
        return window.remaining / window.limit if window.limit else 1.0 + window.remaining / 1e12

    return min(windows, key=left, default=None)


def _count(text: str | None) -> float | None:
    if text is None or not re.fullmatch(r"\d{1,15}(\.\d+)?", text.strip()):
        return None
    return float(text)


def _reset(text: str | None, now_s: float) -> float | None:
    """Seconds; figures beyond what a number can hold are no time."""
    seconds = parse_reset_s(text, now_s) if text else None
    return seconds if seconds is not None and math.isfinite(seconds) else None
