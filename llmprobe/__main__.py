"""The entry: `llmprobe` and `python -m llmprobe`. `--version` is answered before anything is imported."""

import gc
import sys


def main() -> None:
    """Run the command line; ends the process with one of the documented exit codes."""
    gc.disable()
    if sys.argv[1:] in (["--version"], ["-V"]):
        from llmprobe.version import __version__

        print(f"llmprobe {__version__}")
        return
    from llmprobe.cli.main import run_cli

    gc.enable()
    sys.exit(run_cli(sys.argv[1:]))


if __name__ == "__main__":
    main()
