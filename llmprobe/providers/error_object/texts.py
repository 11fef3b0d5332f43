"""Errors that are no JSON, or JSON inside a text."""

from __future__ import annotations

import json
import re
from typing import Any

from llmprobe.foreign import clean_lines, cleaned, json_value

_XML = r"<(?:\w+:)?(Code|ErrorCode|Message)>([^<]{1,2000})</"


def json_of(text: str) -> Any:
    """The JSON value that a text is, or None."""
    try:
        return json_value(text)
    except ValueError:
        return None


def embedded_json(text: str) -> Any:
    """The JSON object or array inside a text such as `data: {…}` or `BadRequestError: {…} Traceback`."""
    for opening in ("{", "["):
        start = text.find(opening)
        if start < 0:
            continue
        try:
            return cleaned(json.JSONDecoder().raw_decode(text[start:])[0], clean_lines)
        except (ValueError, RecursionError):
            continue
    return None


def xml_error(text: str) -> dict[str, str] | None:
    """`<Error><Code>AccessDenied</Code><Message>…</Message></Error>`: AWS, Azure and Alibaba's edges."""
    if not text.startswith("<") or "<html" in text[:256].lower():
        return None
    found = {name.removeprefix("Error"): words for name, words in re.findall(_XML, text[:8192])}
    return {"__type": found["Code"], "Message": found.get("Message", "")} if "Code" in found else None
