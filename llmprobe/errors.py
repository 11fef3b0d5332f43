"""
The errors that stop llmprobe before or outside of a probe.

    LlmprobeError
    ├── UsageError           the command line asks for something impossible
    ├── ConfigError          the configuration is wrong (all mistakes at once)
    ├── SecretError          a credential could not be read
    ├── HistoryError         the history cannot be read or written
    ├── ReaderGoneError      the reader of standard output has gone
    ├── BusyError            another run of the same configuration is still going on
    └── MissingExtraError    an optional package is not installed

What a remote side does wrong is never an error: it is a result.
"""

from __future__ import annotations

from collections.abc import Sequence


class LlmprobeError(Exception):
    """Carries one sentence for people, an optional hint, and the exit code."""

    exit_code = 2

    def __init__(self, message: str, hint: str | None = None) -> None:
        self.message = _clean(message)
        self.hint = hint and _clean(hint)
        super().__init__(self.message)


class UsageError(LlmprobeError):
    """The command line asks for something impossible."""


class Mistake:
    """One mistake in a configuration file: where, what, and what to do."""

    __slots__ = ("hint", "what", "where")

    def __init__(self, where: str, what: str, hint: str | None = None) -> None:
        self.where = _clean(where)
        self.what = _clean(what)
        self.hint = hint and _clean(hint)


class ConfigError(LlmprobeError):
    """The configuration is wrong; every mistake found is in `mistakes`."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(f"{m.where}: {m.what}" for m in mistakes))
        self.mistakes = tuple(mistakes)


class SecretError(LlmprobeError):
    """A credential could not be read; the message never holds its value."""


class HistoryError(LlmprobeError):
    """The history cannot be read or written; what a probe found is not touched by it."""


class ReaderGoneError(LlmprobeError):
    """Nobody reads standard output any more (`| head`): the command ends quietly."""

    exit_code = 0


class BusyError(LlmprobeError):
    """Another run of the same configuration is still going on."""

    exit_code = 75


class MissingExtraError(LlmprobeError):
    """An optional package is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs an optional package that is not installed",
            f'install it with: pip install "llmprobe-cli[{extra}]"',
        )


def _clean(text: str) -> str:
    """What an error quotes of a file, an argument or the environment crosses the border here."""
    from llmprobe.foreign import clean_lines

    return clean_lines(text)
