"""Credentials: read from where they are, known to the redactor at once, never shown."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import UNSET

from llmprobe.config.known_secrets import remember
from llmprobe.config.schema import ApiKeyTable
from llmprobe.errors import MissingExtraError, SecretError
from llmprobe.model import Secret

COMMAND_TIMEOUT_S = 30.0


def read_key(source: ApiKeyTable | str, env: Mapping[str, str], owner: str) -> tuple[Secret, str] | None:
    """
    The secret and its origin; None when an environment variable is not set.

    `owner` begins each error: `target "claude"`.

    Raises:
        SecretError: A file, command or keyring did not give a usable key.
        MissingExtraError: The keyring package is not installed.
    """
    if isinstance(source, str):
        return _secret(source, "configuration", owner)
    if source.env is not UNSET:
        value = env.get(source.env, "").strip()
        return _secret(value, f"env {source.env}", owner) if value else None
    if source.file is not UNSET:
        return _secret(_from_file(source.file, owner), f"file {source.file}", owner)
    if source.command is not UNSET:
        return _secret(_from_command(source.command, owner), f"command {source.command[0]}", owner)
    assert source.keyring is not UNSET
    return _secret(_from_keyring(source.keyring, owner), f"keyring {source.keyring}", owner)


def describe(source: ApiKeyTable | str) -> str:
    """Where a key would come from, without reading it."""
    if isinstance(source, str):
        return "configuration"
    for name in ("env", "file", "keyring"):
        if (value := getattr(source, name)) is not UNSET:
            return f"{name} {value}"
    return f"command {source.command[0]}" if source.command is not UNSET else "nothing"


def _secret(value: str, origin: str, owner: str) -> tuple[Secret, str]:
    value = value.strip()
    if not value:
        raise SecretError(f"{owner}: {origin} holds no key")
    remember(value)
    if not value.isascii() or not value.isprintable():
        raise SecretError(
            f"{owner}: the key from {origin} has characters that no header can carry",
            "it was probably copied with a line break, a quotation mark or a non-breaking space",
        )
    return Secret(value), origin


def _from_file(name: str, owner: str) -> str:
    try:
        return Path(name).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "not a text file"
        raise SecretError(f'{owner}: cannot read the key from "{name}": {reason}') from None


def _from_command(command: list[str], owner: str) -> str:
    """The output is the secret: it appears in no error, whatever the command printed."""
    import subprocess

    try:
        done = subprocess.run(  # noqa: S603
            command,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise SecretError(f'{owner}: there is no command "{command[0]}"') from None
    except (OSError, UnicodeError, subprocess.TimeoutExpired):
        raise SecretError(f'{owner}: the command "{command[0]}" gave no key') from None
    if done.returncode != 0:
        raise SecretError(f'{owner}: the command "{command[0]}" failed (exit {done.returncode})')
    return done.stdout


def _from_keyring(name: str, owner: str) -> str:
    try:
        import keyring  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise MissingExtraError("reading a key from the system keyring", "keyring") from None
    service, _, user = name.partition("/")
    try:
        value = keyring.get_password(service, user)
    except Exception as exc:
        raise SecretError(f"{owner}: the keyring failed ({type(exc).__name__})") from None
    if not value:
        raise SecretError(f'{owner}: the keyring has no "{name}"')
    return str(value)
