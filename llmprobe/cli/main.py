"""The one place that catches our errors and turns them into words and an exit code."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from typing import Any

from llmprobe.cli.streams import silence_stdout, tell, unwritable
from llmprobe.errors import ConfigError, LlmprobeError, ReaderGoneError

_OK, _INTERNAL, _INTERRUPTED = 0, 70, 130


def run_cli(argv: Sequence[str]) -> int:
    """
    Run the command line.

    Returns:
        The exit code. A broken pipe ends quietly; a bug says so and is 70.
    """
    debug = "--debug" in argv
    try:
        if not argv and sys.stdout.isatty():
            from llmprobe.cli.first_screen import show

            return show()
        from llmprobe.cli.app import app_for

        code = app_for(argv)(args=list(argv), prog_name="llmprobe", standalone_mode=False)
        return code if isinstance(code, int) else _OK
    except SystemExit as exc:
        return exc.code if isinstance(exc.code, int) else 0
    except ReaderGoneError:
        return _OK
    except LlmprobeError as exc:
        return exc.exit_code if _said(exc) else 0
    except BrokenPipeError:
        silence_stdout()
        return _OK
    except KeyboardInterrupt:
        return _INTERRUPTED
    except OSError as exc:
        return unwritable(exc) if exc.errno == errno.ENOSPC else _bug(exc, debug)
    except Exception as exc:
        return _refused(exc, argv) if hasattr(exc, "format_message") else _bug(exc, debug)


def _refused(error: Any, argv: Sequence[str]) -> int:
    """Typer's error for this command line, without what may be a secret in the wrong place."""
    message = error.format_message()
    if message.startswith("Usage:"):  # a group without a command: its help
        error.show()
        return int(error.exit_code)
    tell(f"error: {_without_keys(message, argv)}")
    command = error.ctx.command_path if error.ctx is not None else "llmprobe"
    tell(f"hint: {_nearest_choice(message) or f'{command} --help lists what there is'}")
    return int(error.exit_code)


def _nearest_choice(message: str) -> str | None:
    """Where a value is not one of some, the one that was meant."""
    import re

    from llmprobe.config.convert import near

    told = re.search(r"'([^']*)' is not one of (.+)\.$", message)
    found = near(told[1], re.findall(r"'([^']+)'", told[2])) if told else []
    return f'did you mean "{found[0]}"?' if found else None


def _without_keys(message: str, argv: Sequence[str]) -> str:
    from llmprobe.config.quoting import looks_plain

    words = {word for text in argv for word in (text, text.partition("=")[2]) if not looks_plain(word)}
    for word in sorted(words, key=len, reverse=True):
        message = message.replace(word, "…").replace(repr(word), "…")
    return message


def _said(error: LlmprobeError) -> bool:
    lines = []
    if isinstance(error, ConfigError):
        for mistake in error.mistakes:
            lines.append(f"error: {mistake.where}: {mistake.what}")
            lines += [f"hint: {mistake.hint}"] if mistake.hint else []
    else:
        lines.append(f"error: {error.message}")
        lines += [f"hint: {error.hint}"] if error.hint else []
    tell("\n".join(lines))
    return True


def _bug(error: Exception, debug: bool) -> int:
    from llmprobe.foreign import clean_lines

    if debug:
        import traceback

        tell(clean_lines("".join(traceback.format_exception(error))))
    tell(f"error: llmprobe itself failed: {type(error).__name__}: {clean_lines(str(error))}")
    if not debug:
        tell("hint: run again with --debug and report the traceback")
    return _INTERNAL
