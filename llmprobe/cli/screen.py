"""Where text goes: standard output, standard error, files; scrubbed of secrets on every way out."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from llmprobe.cli.progress import can_redraw, cut_to_terminal, overwrite
from llmprobe.cli.signals import SIGNALS
from llmprobe.cli.streams import silence_stdout, use_color, wrapped
from llmprobe.config.convert import require_known
from llmprobe.counts import counted
from llmprobe.errors import ReaderGoneError, UsageError
from llmprobe.files import append_text, usable, write_bytes, write_text
from llmprobe.json_text import readable
from llmprobe.model import Run
from llmprobe.redact import SCRUB
from llmprobe.reports import FORMATS, Format, Look

FILE_WIDTH = 120


class Destination(Struct, frozen=True):
    """A file that a report goes to as well."""

    format: Format
    path: Path


def parse_destination(text: str) -> Destination:
    """`json:run.json`. Raises UsageError for an unknown format or a folder that is not there."""
    name, colon, path = text.partition(":")
    if not colon or not path:
        raise UsageError(f'--output: expected FORMAT:PATH, got "{text}"', f"formats: {', '.join(FORMATS)}")
    require_known("format", name, list(FORMATS), flag="--output")
    return Destination(FORMATS[name], place_for("--output", path))


def place_for(flag: str, path: str | Path) -> Path:
    """The path of a file to be written. Raises UsageError: it is a folder, or there is none to hold it."""
    try:
        place = usable(path)
        is_folder = place.is_dir()
    except OSError as exc:
        raise UsageError(f"{flag}: expected the path of a file: {exc.strerror}") from None
    if is_folder:
        raise UsageError(f'{flag}: "{place}" is a folder', "name a file in it")
    if not place.parent.is_dir():
        raise UsageError(f'{flag}: there is no folder "{place.parent}"')
    return place


class Screen:
    """The terminal as it is: width, colour and character set decided once."""

    def __init__(self, *, no_color: bool = False, verbose: bool = False) -> None:
        self.color = use_color(no_color)
        self.look = Look(
            width=width(),
            color=self.color,
            unicode=speaks_unicode(sys.stdout.encoding),
            verbose=verbose,
        )

    @property
    def is_live(self) -> bool:
        """Whether a line on standard error may be drawn again."""
        return can_redraw(sys.stderr)

    def show(self, format: Format, run: Run) -> None:
        self._put(format.pieces(run, self.look))

    def answer(self, *, as_json: bool, document: Callable[[], Any], text: Callable[[Look], str]) -> None:
        """One of both, of which only one is made."""
        self.write(readable(document()) if as_json else text(self.look))

    def write(self, text: str) -> None:
        """To standard output at once. Raises ReaderGoneError, or UsageError where it cannot be written."""
        self._put([text])

    def _put(self, texts: Iterable[str]) -> None:
        SIGNALS.finishing()
        try:
            for text in texts:
                sys.stdout.write(SCRUB(text))
            sys.stdout.flush()
        except BrokenPipeError:
            silence_stdout()
            raise ReaderGoneError("the reader of standard output has gone") from None
        except OSError as exc:
            silence_stdout()
            raise UsageError(f"cannot write to standard output: {exc.strerror}") from None

    def note(self, text: str) -> None:
        """To standard error."""
        print("\n".join(wrapped(SCRUB(text), sys.stderr)), file=sys.stderr)

    def draw(self, text: str) -> None:
        """A line on standard error in the place of the one before, cut to the terminal; "" takes it away."""
        overwrite(sys.stderr, SCRUB(cut_to_terminal(text)))

    def write_file(self, destination: Destination, run: Run) -> None:
        """A reader sees the old file or the new one. A full disk is told, and the run goes on."""
        look = Look(width=FILE_WIDTH, verbose=self.look.verbose)
        text = SCRUB(destination.format.render(run, look))
        try:
            write_text(destination.path, text)
        except OSError as exc:
            self.note(f'error: cannot write "{destination.path}": {exc.strerror}')

    def write_bundle(self, path: Path, files: Mapping[str, str]) -> None:
        """An archive of these files. One that cannot be written is told."""
        import io
        import zipfile

        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                archive.writestr(name, SCRUB(text).encode("utf-8", "replace"))
        try:
            write_bytes(path, packed.getvalue(), private=True)
        except OSError as exc:
            self.note(f'error: cannot write "{path}": {exc.strerror}')
            return
        self.note(
            f"evidence for support: {path} ({counted(len(files), 'file')}; "
            "keys are masked, look before you send)"
        )

    def append_summary(self, format: Format, run: Run) -> None:
        """To the page that the CI system offers, where the format has one."""
        if format.can.summary is None:
            return
        summary, variable = format.can.summary
        name = os.environ.get(variable)
        if not name:
            return
        text = SCRUB(FORMATS[summary].render(run, self.look))
        try:
            append_text(name, text)
        except OSError as exc:
            self.note(f"error: cannot write to ${variable}: {exc.strerror}")


def save(path: Path, text: str, *, private: bool = False) -> None:
    """Write a file that is the command's own result. Raises UsageError; an old file is untouched then."""
    SIGNALS.finishing()
    try:
        write_text(path, text, private=private)
    except OSError as exc:
        raise UsageError(f'cannot write "{path}": {exc.strerror}') from None


def width() -> int:
    """COLUMNS, else the terminal's own width, else 100 (a pipe)."""
    return shutil.get_terminal_size((100, 24)).columns


def speaks_unicode(encoding: str | None) -> bool:
    try:
        "✓█░…".encode(encoding or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True
