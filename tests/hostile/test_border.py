"""Behind the border a text is valid, visible, bounded and free of secrets."""

from __future__ import annotations

import json
import sys
import unicodedata
from random import Random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from llmprobe.foreign import clean, clean_lines, cleaned, json_value, text_of
from llmprobe.redact import SCRUB, Redactor
from tests.hostile.leaks import leaked
from tests.hostile.shapes import SHAPES, SPELLINGS

ANY_TEXT = st.text(st.characters(exclude_categories=()))
KEY = "sk-canary-7f3a9c2b5e8d1f60"
_VISIBLE_FORMATS = "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
"""Marks that Unicode calls formats and that are drawn all the same."""


@given(ANY_TEXT)
def test_a_clean_text_is_one_line_of_characters_that_are_seen(text: str) -> None:
    found = clean(text)
    found.encode("utf-8")
    hidden = [c for c in found if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert not set(hidden) - set(_VISIBLE_FORMATS)
    assert clean(found) == found
    assert set(clean_lines(text)) - set(found) <= {"\n", "\t"}


def test_every_character_that_is_not_seen_is_known() -> None:
    """All of Unicode, as this Python knows it."""
    hidden = [
        chr(n)
        for n in range(sys.maxunicode + 1)
        if unicodedata.category(chr(n)) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    ]
    assert [c for c in hidden if c not in _VISIBLE_FORMATS and clean(f"a{c}b") in (f"a{c}b",)] == []


@given(ANY_TEXT, st.integers(1, 200))
def test_a_text_is_bounded(text: str, limit: int) -> None:
    assert len(clean(text, limit)) <= limit + len("***…")


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_secret_is_recognised_in_every_spelling(shape: str, spelling: str) -> None:
    """Whole, inside of a text, beside other secrets, at every place of a bound."""
    secret = SHAPES[shape](Random(3))
    SCRUB.add(secret)
    SCRUB.add("another-key-0123456789")
    text = f"{'x' * 50} {SPELLINGS[spelling](secret)} y"
    assert leaked(secret, clean(text).encode()) is None
    assert leaked(secret, json.dumps(cleaned({"a": [text], text: 1})).encode()) is None
    for limit in range(45, len(text), 7):
        assert leaked(secret, clean(text, limit).encode()) is None


def test_control_characters_inside_a_secret_do_not_hide_it() -> None:
    SCRUB.add(KEY)
    assert clean("\u200b".join(KEY)) == "***"


@pytest.mark.parametrize("cut", range(14, len(KEY)))
def test_a_body_that_was_cut_off_in_a_secret_shows_no_beginning_of_it(cut: int) -> None:
    SCRUB.add(KEY)
    assert text_of(f"key {KEY[:cut]}".encode()) == "key ***"


def test_half_a_pair_in_json_becomes_a_replacement_character() -> None:
    assert json_value('{"code": "a\\ud800b", "\\ud800": ["\\u001b[31m"]}') == {
        "code": "a\ufffdb",
        "\ufffd": ["\ufffd[31m"],
    }


def test_what_is_clean_is_not_made_anew() -> None:
    class Fact(Struct, frozen=True):
        text: str
        more: tuple[str, ...] = ()

    fact = Fact("plain", ("one", "two"))
    assert cleaned(fact) is fact
    assert cleaned(Fact("a\nb", ("\x1b",))) == Fact("a b", ("\ufffd",))


def test_a_word_that_is_a_secret_is_masked_at_the_border_and_left_in_our_own_words() -> None:
    """A user's key may be `results`: the JSON document stays one."""
    scrub = Redactor(["results"])
    assert scrub.scrubbed("no results") == "no ***"
    assert scrub('{"results": []}') == '{"results": []}'
    assert scrub.caught == 0


def test_two_hundred_secrets_cost_little_more_than_one() -> None:
    """A ratio within one process: the text is passed over once, however many secrets there are."""
    text = "The model answered: no such model, try again later. " * 10_000
    one, many = (Redactor(SHAPES["openai"](Random(n)) for n in range(count)) for count in (1, 200))
    costs = []
    for scrub in (one, many):
        scrub("to build the table")
        began = process_time()
        for _ in range(3):
            scrub(text)
        costs.append(process_time() - began)
    assert costs[1] < 20 * costs[0] + 0.2
