"""`explain` gets text of every kind pasted: no key in it is repeated, whether the environment holds it or not."""

from __future__ import annotations

import subprocess
import sys
from random import Random

import pytest

from tests.hostile.leaks import leaked
from tests.hostile.shapes import SHAPES, SPELLINGS
from tests.support import ROOT, clean_env

TEXTS = (
    "Incorrect API key provided: {}. You can find your API key at https://example.com.",
    "Error code: 401 - {{'error': {{'message': 'Incorrect API key provided: {}', 'code': 'invalid_api_key'}}}}",
    "openai.AuthenticationError: 401 invalid api_key={}",
    'HTTP/1.1 403 Forbidden\nserver: x\n\n{{"error": {{"message": "token {} is revoked"}}}}',
    "curl: (22) 401 -H 'Authorization: Bearer {}'",
    "export OPENAI_API_KEY={}\n429 Too Many Requests",
    "https://example.com/v1?key={} 404 model not found",
    '{{"level": "error", "msg": "request failed: 401, secret \\"{}\\" rejected"}}',
    'data: {{"error": {{"message": "bad key \'{}\'"}}}}\n\n',
)
WITHOUT_MARKS = [name for name in SHAPES if name not in ("marks", "password", "base64")]


def explained(text: str, *flags: str, key: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "llmprobe", "explain", "-", *flags],
        input=text,
        capture_output=True,
        text=True,
        env=clean_env({"SOME_API_KEY": key} if key else {}),
        timeout=60,
        cwd=ROOT,
    )
    assert done.returncode in (0, 2), done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("shape", WITHOUT_MARKS)
def test_a_key_that_stands_where_keys_stand_is_masked(shape: str) -> None:
    """Nothing else is known of it: its place and its look tell."""
    key = SHAPES[shape](Random(7))
    for number, text in enumerate(TEXTS):
        told = explained(text.format(key), *(("-f", "json") if number % 2 else ()))
        assert leaked(key, told.encode()) is None, told


@pytest.mark.parametrize("shape", SHAPES)
def test_a_key_of_the_environment_is_masked_in_every_spelling(shape: str) -> None:
    """Whoever pastes an error has the key at hand: it is known, whatever it looks like."""
    key = SHAPES[shape](Random(8))
    spoken = "\n".join(f"401 unauthorized: {spelling(key)}" for spelling in SPELLINGS.values())
    for flags in ((), ("-f", "json")):
        assert leaked(key, explained(spoken, *flags, key=key).encode()) is None


def test_what_is_no_key_stays() -> None:
    told = explained("404 model claude-haiku-4-5-20251001 not found, request req_011CSHoEeqs5C35K2UUqR7Fy")
    assert "claude-haiku-4-5-20251001" in told
    assert "req_011CSHoEeqs5C35K2UUqR7Fy" in told


def test_a_lone_word_that_may_be_a_key_is_not_quoted() -> None:
    key = SHAPES["hex"](Random(9))
    assert leaked(key, explained(key).encode()) is None
