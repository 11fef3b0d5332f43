"""The one place that catches our errors and turns them into words and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

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

        app_for(argv)(args=list(argv), prog_name="llmprobe")
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
        return _bug(exc, debug)
    return _OK


def _said(error: LlmprobeError) -> bool:
    lines = []
    if isinstance(error, ConfigError):
        for mistake in error.mistakes:
            lines.append(f"error: {mistake.where}: {mistake.what}")
            lines += [f"hint: {mistake.hint}"] if mistake.hint else []
    else:
        lines.append(f"error: {error.message}")
        lines += [f"hint: {error.hint}"] if error.hint else []
    _tell("\n".join(lines))
    return True


def _bug(error: Exception, debug: bool) -> int:
    if debug:
        import traceback

        _tell("".join(traceback.format_exception(error)))
    _tell(f"error: llmprobe itself failed: {type(error).__name__}: {error}")
    if not debug:
        _tell("hint: run again with --debug and report the traceback")
    return _INTERNAL


def unwritable(error: OSError) -> int:
    """The exit code where the help, an error of Typer's, or what was still buffered could not be written."""
    silence_stdout()
    _tell(f"error: cannot write to standard output: {error.strerror}")
    return LlmprobeError.exit_code


def _tell(text: str) -> None:
    """To standard error; where that cannot be written either, the exit code has to say it all."""
    from llmprobe.redact import SCRUB

    with suppress(OSError):
        print(SCRUB(text), file=sys.stderr, flush=True)


def silence_stdout() -> None:
    """Nothing can be written there: what is still buffered must not raise again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
