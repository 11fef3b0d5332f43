"""
Modules that our libraries import on top and a probe never uses: loaded when somebody does.

httpx knows international names (idna: 4 ms), shutil knows bz2 and lzma, httpcore locks with anyio.
What is listed here is found as always, and run at the first question for something in it. For the
command alone: a program that imports llmprobe keeps Python's own way.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from threading import RLock
from types import ModuleType
from typing import Any

LATE = frozenset({
    "anyio", "asyncio.sslproto", "asyncio.staggered", "bz2", "calendar", "certifi", "email.header",
    "email.parser", "h2.connection", "h2.events", "h2.exceptions", "h2.settings", "idna", "ipaddress",
    "linecache", "locale", "lzma", "mimetypes", "msgspec.inspect", "msgspec.msgpack", "msgspec.toml",
    "msgspec.yaml", "shellingham", "socksio", "textwrap",
})  # fmt: skip
"""Each is worth 0.3 to 4 ms of a start of 110; where they are installed, h2 is worth 12 (measured)."""

STAND_INS = {
    "http.cookiejar": ("Cookie", "CookieJar"),
    "rich.markdown": ("Markdown",),
    "rich.traceback": ("Traceback",),
    "typing_extensions": ("NotRequired", "Required", "get_type_hints"),
}
"""
What our libraries take from a module by name, and use for what we never ask of them (cookies, typed
dictionaries, help in Markdown): the name is there, and loads the module when it is called or looked into.
Worth 3 ms of a check, and a quarter of the help on a terminal.
"""

_LOADING = RLock()


def load_late() -> None:
    """From now on the modules of `LATE` and `STAND_INS` are run when they are first asked for something."""
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


class _StandIn(type):
    """A class that is not there yet."""

    _module: ModuleType

    def _real(cls) -> Any:
        _load(cls._module)
        return getattr(cls._module, cls.__name__)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return cls._real()(*args, **kwargs)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls._real(), name)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls._real())


class _LateLoader:
    def __init__(self, real: Any) -> None:
        self.real = real

    def create_module(self, _: ModuleSpec) -> None:
        """Python's own kind of module will do."""

    def exec_module(self, module: ModuleType) -> None:
        module.__class__ = _LateModule
        for name in STAND_INS.get(module.__name__, ()):
            setattr(module, name, _StandIn(name, (), {"_module": module}))


class _Finder:
    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name in LATE or name in STAND_INS else None
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _LateLoader(spec.loader)  # type: ignore[assignment]
        return spec
