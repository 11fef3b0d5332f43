"""What a diagnosis showed the last time, kept in a small file, and what is different now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from llmprobe.files import private_folder, read_bytes, write_bytes
from llmprobe.model import CATEGORY_WORDS, Category
from llmprobe.model.diagnosis import Diagnosis, RungName, RungState
from llmprobe.redact import SCRUB

_MOST_BYTES = 1 << 20
_MOST_KEPT = 100
_SETTINGS = (RungName.CONFIGURATION, RungName.WAY_OUT)
_ORDER = list(RungName)


class _Rung(Struct, frozen=True):
    state: RungState
    came: str
    details: tuple[str, ...] = ()


class LastTime(Struct, frozen=True):
    """One diagnosis, in short; `at_utc` is epoch seconds."""

    at_utc: float
    broken: RungName | None
    category: Category
    rungs: Mapping[RungName, _Rung]


def compared(done: Diagnosis, key: str, path: Path) -> Diagnosis:
    """
    The diagnosis with what has changed since the last one of this target, which it replaces in the file.

    The file is for its owner alone and holds no key. One that cannot be read or written is as good as none:
    the diagnosis does not depend on it.
    """
    kept = _read(path)
    before = kept.get(key)
    kept[key] = _of(done)
    newest = sorted(kept.items(), key=lambda item: -item[1].at_utc)[:_MOST_KEPT]
    _write(path, dict(newest))
    if before is None:
        return done
    return replace(done, changes=tuple(changes(before, kept[key])), last_at_utc=before.at_utc)


def changes(before: LastTime, now: LastTime) -> Iterator[str]:
    """A sentence for each difference; one that says so where there is none."""
    told = [*_broken(before, now), *_settings(before, now), *_doubts(before, now)]
    if told:
        yield from told
    elif now.broken is not None:
        yield f"nothing has changed: “{now.broken}” breaks as before ({CATEGORY_WORDS[now.category]})"
    else:
        yield "nothing has changed: every rung held then, too"


def _broken(before: LastTime, now: LastTime) -> Iterator[str]:
    was, cause = before.broken, CATEGORY_WORDS[before.category]
    if was is None:
        if now.broken is not None:
            yield f"every rung held then; now “{now.broken}” breaks"
    elif now.broken is None:
        yield f"“{was}” holds now; then it broke ({cause})"
    elif now.broken is was:
        if now.category is not before.category:
            yield f"“{was}” breaks for another cause: {CATEGORY_WORDS[now.category]}, then {cause}"
    elif _ORDER.index(now.broken) > _ORDER.index(was):
        yield f"“{was}” holds now; then it broke ({cause}). Now it is “{now.broken}”"
    else:
        yield f"it breaks earlier, at “{now.broken}”; then it was “{was}” ({cause})"


def _settings(before: LastTime, now: LastTime) -> Iterator[str]:
    """What is configured otherwise than it was."""
    for name in _SETTINGS:
        old, new = before.rungs.get(name), now.rungs.get(name)
        if old is None or new is None:
            continue
        for one, other in ((new.came, old.came), *_differing(old.details, new.details)):
            if one != other:
                yield f"“{name}”: {one or 'nothing'}; then {other or 'nothing'}"


def _differing(old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(new, old) of the lines that begin alike and differ."""
    then = {line.partition(" ")[0]: line for line in old}
    fresh = {line.partition(" ")[0]: line for line in new}
    for word in dict.fromkeys([*fresh, *then]):
        yield fresh.get(word, ""), then.get(word, "")


def _doubts(before: LastTime, now: LastTime) -> Iterator[str]:
    for name, rung in now.rungs.items():
        old = before.rungs.get(name)
        if old is None or name in _SETTINGS or RungState.BROKEN in (old.state, rung.state):
            continue
        if rung.state is RungState.DOUBTFUL and old.state is RungState.HOLDS:
            yield f"“{name}” is doubtful now: {rung.came}"
        elif rung.state is RungState.HOLDS and old.state is RungState.DOUBTFUL:
            yield f"“{name}” is as it should be; then: {old.came}"


def _of(done: Diagnosis) -> LastTime:
    rungs = {
        rung.name: _Rung(
            rung.state, SCRUB(rung.came), tuple(map(SCRUB, rung.details)) if rung.name in _SETTINGS else ()
        )
        for rung in done.rungs
    }
    return LastTime(done.started_at_utc, done.broken, done.category, rungs)


def _read(path: Path) -> dict[str, LastTime]:
    try:
        return msgspec.json.decode(read_bytes(path, most=_MOST_BYTES), type=dict[str, LastTime])
    except (OSError, msgspec.DecodeError, ValueError):
        return {}


def _write(path: Path, kept: Mapping[str, LastTime]) -> None:
    try:
        private_folder(path.parent)
        write_bytes(path, msgspec.json.encode(kept), private=True)
    except OSError:
        return
