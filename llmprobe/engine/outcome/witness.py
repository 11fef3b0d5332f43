"""What something else says of a result: it moves certainty and side, and is named in the reason."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from llmprobe.model import Confidence, Fault, Result


class Witness(Struct, frozen=True):
    """Words for the reason, and what the witness moves (None: nothing)."""

    words: str
    confidence: Confidence | None = None
    fault: Fault | None = None


def testified(result: Result, witnesses: Iterable[Witness]) -> Result:
    """The result with each witness in its reason and its evidence."""
    for witness in witnesses:
        result = replace(
            result,
            reason=f"{result.reason}; {witness.words}",
            confidence=witness.confidence or result.confidence,
            fault=witness.fault or result.fault,
            evidence=(*result.evidence, witness.words),
        )
    return result
