"""Credentials: read from where they are, known to the redactor at once, never shown."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import UNSET

from llmprobe.config.known_secrets import remember
from llmprobe.config.quoting import quoted
from llmprobe.config.schema import ApiKeyTable
from llmprobe.errors import MissingExtraError, SecretError
from llmprobe.files import read_bytes, read_until
from llmprobe.model import Secret

if TYPE_CHECKING:
    from subprocess import Popen

COMMAND_TIMEOUT_S = 30.0
MOST_BYTES = 64 << 10
"""Of what a file or a command may give for a key."""


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
        return read_bytes(name, most=MOST_BYTES).decode()
    except (OSError, UnicodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "not a text file"
        raise SecretError(f'{owner}: cannot read the key from "{name}": {reason}') from None


def _from_command(command: list[str], owner: str) -> str:
    """The output is the secret: it appears in no error, whatever the command printed."""
    import subprocess

    try:
        process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise SecretError(f"{owner}: there is no command {quoted(command[0])}") from None
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or "it holds a character that no program's name has"
        raise SecretError(f"{owner}: cannot run the key command: {reason}") from None
    return _output_of(process, f"{owner}: the command {quoted(command[0])}")


def _output_of(process: Popen[bytes], who: str) -> str:
    """What it prints; it and its children are ended at the limits of time and size."""
    import subprocess

    assert process.stdout is not None
    try:
        with process.stdout as output:
            found = read_until(output.fileno(), most=MOST_BYTES, within_s=COMMAND_TIMEOUT_S).decode()
        code = process.wait(COMMAND_TIMEOUT_S)
    except OSError as exc:
        raise SecretError(f"{who} gave no key: {exc.strerror}") from None
    except (UnicodeError, subprocess.TimeoutExpired):
        raise SecretError(f"{who} gave no key") from None
    finally:
        _end_group(process)
    if code != 0:
        raise SecretError(f"{who} failed (exit {code})")
    return found


def _end_group(process: Popen[bytes]) -> None:
    """The command and what it started."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


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
