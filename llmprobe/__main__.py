"""The entry: `llmprobe` and `python -m llmprobe`. `--version` is answered before anything is imported."""

import gc
import os
import sys


def main() -> None:
    """
    Run the command line; ends the process with one of the documented exit codes.

    Collecting garbage among imports takes a fifth of the start: it is off until an event loop runs.
    """
    gc.disable()
    _open_what_is_closed()
    if sys.argv[1:] in (["--version"], ["-V"]):
        from llmprobe.version import __version__

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


def _open_what_is_closed() -> None:
    """Started with `>&-`, Python has no stream at all: what is written then goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115


if __name__ == "__main__":
    main()
