"""The one place that catches our errors and turns them into words and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

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
    except Exception as exc:
        return _bug(exc, debug)
    return _OK


def _said(error: LlmprobeError) -> bool:
    from llmprobe.redact import SCRUB

    lines = []
    if isinstance(error, ConfigError):
        for mistake in error.mistakes:
            lines.append(f"error: {mistake.where}: {mistake.what}")
            lines += [f"hint: {mistake.hint}"] if mistake.hint else []
    else:
        lines.append(f"error: {error.message}")
        lines += [f"hint: {error.hint}"] if error.hint else []
    print(SCRUB("\n".join(lines)), file=sys.stderr)
    return True


def _bug(error: Exception, debug: bool) -> int:
    from llmprobe.redact import SCRUB

    if debug:
        import traceback

        print(SCRUB("".join(traceback.format_exception(error))), file=sys.stderr)
    print(SCRUB(f"error: llmprobe itself failed: {type(error).__name__}: {error}"), file=sys.stderr)
    if not debug:
        print("hint: run again with --debug and report the traceback", file=sys.stderr)
    return _INTERNAL


def silence_stdout() -> None:
    """Nothing can be written there: what is still buffered must not raise again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
