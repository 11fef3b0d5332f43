"""
What makes the command start quickly. A program that imports llmprobe keeps Python's own way.

Modules that our libraries import on top and a probe never uses are found as always, and run at the
first question for something in them: httpx knows international names (idna), shutil knows bz2 and lzma.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from threading import RLock
from types import ModuleType
from typing import Any

LATE = frozenset({
    "anyio", "asyncio.sslproto", "bz2", "certifi", "email.header", "email.parser", "h2.connection",
    "h2.events", "h2.exceptions", "h2.settings", "idna", "locale", "lzma", "mimetypes", "msgspec.inspect",
    "socksio", "textwrap",
})  # fmt: skip
"""
Counted in instructions, one after the other: h2 is worth 14 % of a check, socksio 2.4, idna 1, anyio and
msgspec.inspect 0.9, certifi, textwrap and locale 0.6, each other one 0.2 to 0.4. Less is not listed.
"""

_LOADING = RLock()


def leave_out_httpx_s_own_command() -> None:
    """Where click is installed beside us, `import httpx` loads httpx's command line: click, rich, 60 ms."""
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]


def load_late() -> None:
    """From now on the modules of `LATE` are run when they are first asked for something."""
    sys.meta_path.insert(0, _Finder())


class _LateModule(ModuleType):
    """A module that has not run yet; the first name that is missing runs it."""

    def __getattr__(self, name: str) -> Any:
        if name != "__path__":  # asked of every module from which a name is taken
            _load(self)
        return ModuleType.__getattribute__(self, name)


def _load(module: Any) -> None:
    with _LOADING:
        loader = module.__spec__.loader
        if isinstance(loader, _LateLoader):
            module.__loader__ = module.__spec__.loader = loader.real
            loader.real.exec_module(module)
            module.__class__ = ModuleType


class _LateLoader:
    def __init__(self, real: Any) -> None:
        self.real = real

    def create_module(self, _: ModuleSpec) -> None:
        """Python's own kind of module will do."""

    def exec_module(self, module: ModuleType) -> None:
        module.__class__ = _LateModule


class _Finder:
    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name in LATE else None
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _LateLoader(spec.loader)  # type: ignore[assignment]
        return spec
