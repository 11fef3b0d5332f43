"""What a sink must offer: the history remembers what each was told, by its key."""

from __future__ import annotations

from typing import Protocol

from llmprobe.alerts.notice import Notice
from llmprobe.model import Run


class Sink(Protocol):
    """
    Is told of changes, each once.

    `key` is the same in every run and holds no secret; `name` says who it is in a sentence. `every_run`
    says that it wants what lasts repeated with each run, `tries` how often one notice is worth a try in
    one run (once, where the run before could not reach it either).
    """

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def every_run(self) -> bool: ...

    @property
    def tries(self) -> int: ...

    async def tell(self, notice: Notice, run: Run) -> str | None:
        """Deliver one notice; what went wrong, without addresses, or None when it arrived."""
        ...


class Watcher(Protocol):
    """Hears of every run, whether anything has changed or not."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...

    async def hear(self, run: Run) -> str | None:
        """What went wrong, without addresses; None when it arrived."""
        ...
