"""Which member of a group to use, and why."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from llmprobe.model.enums import Status
from llmprobe.model.result import Run
from llmprobe.model.target import Target


class Lately(Struct, frozen=True):
    """How a target did in the last hour, by the history: results, and those that failed."""

    n: int
    failed: int

    @property
    def failed_share(self) -> float:
        return self.failed / self.n if self.n else 0.0


class Choice(Struct, frozen=True):
    """A member that works; `seconds` to the first token, else to the end; `reason` explains its place."""

    target: str
    status: Status
    seconds: float | None
    lately: Lately | None
    reason: str


class Picked(Struct, frozen=True):
    """
    What was chosen, and from what.

    Attributes:
        target: The member to use now; None where none works.
        ranked: The members that work, the best first, each with its reason.
        run: What was measured; its exit code says why nothing was chosen.
    """

    target: Target | None
    ranked: Sequence[Choice]
    run: Run
