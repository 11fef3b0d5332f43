"""What the probes ask for: a word to repeat, a tiny structured answer, a tool to call."""

from __future__ import annotations

import os
from typing import Any

from llmprobe.model import ProbeKind
from llmprobe.providers.interface import Ask

TOOL_NAME = "report_word"
TOOL_PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {"word": {"type": "string"}},
    "required": ["word"],
    "additionalProperties": False,
}
JSON_SCHEMA: dict[str, Any] = TOOL_PARAMETERS

_SYLLABLES = ("ba", "di", "fo", "ku", "le", "mo", "na", "pi", "ra", "so", "tu", "ve")


def new_ask(probe: ProbeKind) -> Ask:
    """A fresh question, so that no cache on the way can answer it."""
    word = "".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in os.urandom(3))
    match probe:
        case ProbeKind.JSON:
            return Ask(f'Reply with JSON: {{"word": "{word}"}}', word)
        case ProbeKind.TOOLS:
            return Ask(f"Call {TOOL_NAME} with the word {word}", word)
        case ProbeKind.EMBEDDINGS:
            return Ask(word, word)
        case _:
            return Ask(f"Reply with this word only: {word}", word)
