"""Secrets are scrubbed by value, in every form in which they come back."""

from __future__ import annotations

import pickle

import pytest

from llmprobe.model import Credential, Secret
from llmprobe.redact import Redactor, without_credentials

KEY = "sk-canary-0123456789abcdef"


@pytest.mark.parametrize(
    "echo", [KEY, f"Bearer {KEY}", "sk-canary-012345678 is wrong", f'{{"key": "{KEY}"}}']
)
def test_an_echoed_key_is_masked(echo: str) -> None:
    """Whole or in its telling part, as some error messages repeat it."""
    masked = Redactor([KEY])(echo)

    assert "sk-canary" not in masked
    assert "***" in masked


def test_a_key_is_masked_in_its_url_encoded_form() -> None:
    assert "a%2Fsecret" not in Redactor(["a/secret+key=="])("https://x/?k=a%2Fsecret%2Bkey%3D%3D")


def test_short_words_are_left_alone() -> None:
    """A five-letter "secret" such as `test` would mask half of every sentence."""
    assert Redactor(["test"])("a test") == "a test"


def test_a_secret_never_prints() -> None:
    """Not by repr, str, format, a dataclass around it, or pickle."""
    secret = Secret(KEY)
    credential = Credential(secret, "authorization", "Bearer", "env X")

    assert KEY not in f"{secret!r} {secret} {secret:>40} {credential!r}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_credentials_in_a_url_are_masked() -> None:
    """User info and key parameters; all else stays readable."""
    assert without_credentials("http://u:p@host:1/x?key=abc&a=b") == "http://***@host:1/x?key=***&a=b"


def test_what_is_no_url_is_masked_whole() -> None:
    """A proxy variable may hold anything."""
    assert without_credentials("http://[bad") == "***"
