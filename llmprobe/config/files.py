"""Finding and reading files: the configuration in its order of discovery, and `.env` files."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from errno import ENOENT, ENOTDIR
from pathlib import Path

from llmprobe.errors import UsageError
from llmprobe.files import exists, read_bytes, usable

FILE_NAME = "llmprobe.toml"
MOST_BYTES = 4 << 20
"""Of a configuration or an env file: a thousand targets are a tenth of that."""
VARIABLE = "LLMPROBE_CONFIG"
_ASSIGNMENT = r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$"


def find_config(explicit: Path | None, env: Mapping[str, str]) -> Path | None:
    """
    The configuration: `--config`, `$LLMPROBE_CONFIG`, `./llmprobe.toml`, then the user's folder.

    Raises:
        UsageError: A file that was named does not exist.
    """
    if explicit is not None:
        return _existing(explicit, "--config")
    if env.get(VARIABLE):
        return _existing(Path(env[VARIABLE]), f"${VARIABLE}")
    here = Path(FILE_NAME)
    if here.is_file():
        return here
    own = user_config()
    return own if exists(own) and own.is_file() else None


def user_config() -> Path:
    """The file in the user's own configuration folder, by the system's custom."""
    from platformdirs import user_config_path

    return user_config_path("llmprobe", appauthor=False) / FILE_NAME


def state_folder() -> Path:
    """The user's own folder for what programs remember, by the system's custom."""
    from platformdirs import user_state_path

    return user_state_path("llmprobe", appauthor=False)


def read_text(path: Path) -> str:
    """Raises UsageError with the operating system's reason."""
    try:
        return read_bytes(path, most=MOST_BYTES).decode("utf-8-sig")
    except OSError as exc:
        raise UsageError(f'cannot read "{path}": {exc.strerror}') from None
    except UnicodeError:
        raise UsageError(f'cannot read "{path}": it is not UTF-8 text') from None


def read_env_file(path: Path) -> dict[str, str]:
    """
    `NAME=value` lines, as shells and docker write them: `export`, quotes and comments are understood.

    Raises:
        UsageError: The file cannot be read, or a line is no assignment (its number is told, not its text).
    """
    values: dict[str, str] = {}
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = re.match(_ASSIGNMENT, line)
        if match is None:
            raise UsageError(f"{path}:{number}: expected NAME=value")
        values[match[1]] = _unquoted(match[2])
    return values


def with_env_file(env_file: Path | None, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment over what an env file says: as elsewhere, a variable that is set already wins."""
    return {**(read_env_file(env_file) if env_file is not None else {}), **environ}


def dotenv() -> Mapping[str, str]:
    """What `./.env` says, for a hint; nothing where there is none that can be read."""
    try:
        return read_env_file(Path(".env")) if exists(".env") else {}
    except UsageError:
        return {}


def _unquoted(value: str) -> str:
    if value[:1] in ("'", '"'):
        end = value.find(value[0], 1)
        return value[1:end] if end > 0 else value[1:]
    return re.split(r"\s+#", value, maxsplit=1)[0]


def _existing(path: Path, origin: str) -> Path:
    try:
        found = usable(path)
        is_folder = stat.S_ISDIR(found.stat().st_mode)
    except OSError as exc:
        missing = f'there is no file "{path}"'
        what = missing if exc.errno in (ENOENT, ENOTDIR) else f"expected a file: {exc.strerror}"
        raise UsageError(
            f"{origin}: {what}", "`llmprobe check --help` tells where it is looked for"
        ) from None
    if is_folder:
        raise UsageError(f'{origin}: "{path}" is a folder', "name the file in it")
    return found
