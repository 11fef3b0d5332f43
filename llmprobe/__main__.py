"""The entry: `llmprobe` and `python -m llmprobe`. `--version` is answered before the rest is imported."""

import gc
import io
import os
import sys


def main() -> None:
    """
    Run the command line; ends the process with one of the documented exit codes.

    Collecting garbage among imports takes a fifth of the start: it is off until an event loop runs.
    """
    gc.disable()
    from llmprobe.cli.signals import SIGNALS

    SIGNALS.install()
    _prepare_streams()
    if sys.argv[1:] in (["--version"], ["-V"]):
        from llmprobe.version import __version__

        SIGNALS.finishing()
        _leave(0, f"llmprobe {__version__}\n")
    from llmprobe.startup import leave_out_httpx_s_own_command, load_late

    leave_out_httpx_s_own_command()
    load_late()
    from llmprobe.cli.main import run_cli

    _leave(run_cli(sys.argv[1:]))


def _leave(code: int, last_words: str = "") -> None:
    """
    End at once, with all that was said written.

    Taking four hundred modules down is a tenth of a short command; and Python would wait for the
    threads that still wait for a name server, long after Ctrl-C.
    """
    try:
        sys.stdout.write(last_words)
        sys.stdout.flush()
    except BrokenPipeError:
        code = 0
    except OSError as exc:
        from llmprobe.cli.streams import unwritable

        code = unwritable(exc)
    os._exit(code)


def _prepare_streams() -> None:
    """
    Give each stream a place to write to, and a way to write any character.

    Started with `>&-`, Python has no stream at all: what is written then goes nowhere. What the encoding
    of standard output lacks is written as its replacement character.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


if __name__ == "__main__":
    main()
