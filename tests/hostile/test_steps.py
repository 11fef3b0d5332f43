"""
No answer holds the event loop: each step of it is short, whatever the answer is made of.

What counts is the processor's time of a step: a busy machine stretches none. Bounds are far above what was
measured (15 ms), and far below what a neighbour's verdict would show.
"""

from __future__ import annotations

import asyncio
import json
import time
from asyncio import events
from collections.abc import Iterator
from random import Random

import pytest

from llmprobe.classify import classify
from llmprobe.engine.probing.evidence import evidence_of
from llmprobe.engine.run import run
from llmprobe.explanation import explain
from llmprobe.foreign import MOST_VALUES, json_value
from llmprobe.model import Category, Exchange, Phase, ProbeKind, Timeouts
from llmprobe.providers import dialects
from llmprobe.redact import SCRUB
from tests.hostile.bodies import BODIES, KEY, TAILS, WORDS
from tests.hostile.echo import Echo, echo_server
from tests.support import a_target

LONGEST_STEP_S = 0.15
TRIES = 3


@pytest.fixture(scope="module")
def echo() -> Iterator[Echo]:
    with echo_server() as server:
        yield server


@pytest.fixture
def longest(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The longest step of any loop in this thread, in seconds of the processor; its first element."""
    found = [0.0]
    step = events.Handle._run

    def timed(handle: events.Handle) -> None:
        began = time.thread_time()
        step(handle)
        found[0] = max(found[0], time.thread_time() - began)

    monkeypatch.setattr(events.Handle, "_run", timed)
    return found


@pytest.mark.parametrize("name", BODIES)
def test_no_answer_holds_the_loop(echo: Echo, longest: list[float], name: str) -> None:
    """Its verdict is of the server, or it is healthy: never a bug of ours."""
    SCRUB.add(KEY)
    url = echo.say(BODIES[name]())
    probes = (ProbeKind.STREAM, ProbeKind.CHAT, ProbeKind.MODELS)
    target = a_target(url, probes=probes, timeouts=Timeouts(total_s=10))
    steps = []
    for _ in range(TRIES):
        longest[0] = 0.0
        done = asyncio.run(run([target]))
        steps.append(longest[0])
        assert Category.INTERNAL not in {r.category for r in done.results}, [r.reason for r in done.results]
        if steps[-1] < LONGEST_STEP_S:
            break
    assert 0 < min(steps) < LONGEST_STEP_S


def told(message: str, kind: str, status: int) -> float:
    """Seconds of the processor that an error of one message takes to be judged."""
    bodies = {
        "JSON": json.dumps(
            {"error": {"message": message, "code": message, "type": message, "param": message}}
        ),
        "text": message,
        "page": f"<html><title>{message}</title>{message}",
    }
    seen = Exchange(
        Phase.DONE, status=status, headers=(("retry-after", message[:3000]),), body=bodies[kind].encode()
    )
    began = time.thread_time()
    reader = dialects()["openai-chat"].reader(ProbeKind.CHAT)
    evidence = evidence_of("openai", "openai-chat", ProbeKind.CHAT, seen, reader)
    verdict = classify(evidence, a_target("http://127.0.0.1:9"))
    assert verdict.category is not Category.INTERNAL
    return time.thread_time() - began


@pytest.mark.parametrize("word", WORDS)
def test_no_message_takes_long_to_judge(word: str) -> None:
    for tail in TAILS:
        message = (word * 20_000)[: 20_000 // len(word.encode())] + tail
        for kind in ("JSON", "text", "page"):
            for status in (400, 429):
                assert min(told(message, kind, status) for _ in range(2)) < LONGEST_STEP_S


@pytest.mark.parametrize("length", [30, 60, 80, 81, 500])
def test_no_word_takes_long_to_judge(length: int) -> None:
    """Words as long as are read, of every beginning: a pattern that doubles its work with each letter never ends."""
    random = Random(length)
    for start in (
        "us-",
        "eu",
        "northamerica-",
        "model ",
        "'",
        "http://a.",
        "x-",
        "a_",
        "/",
        "1.",
        "“",
        "from A",
    ):
        for letters in ("a", "ab-", "a-", "a.", "a_", "a1", "A", "-", "a/"):
            message = start + "".join(random.choices(letters, k=length)) + "!"
            assert (
                min(told(message, kind, 400) for kind in ("JSON", "text") for _ in range(2)) < LONGEST_STEP_S
            )


@pytest.mark.parametrize("word", WORDS)
def test_no_text_takes_long_to_explain(word: str) -> None:
    text = f"Error code: 429 - {(word * 30_000)[: 60_000 // len(word.encode())]}"
    costs = []
    for _ in range(2):
        began = time.thread_time()
        explain(text)
        costs.append(time.thread_time() - began)
    assert min(costs) < 2 * LONGEST_STEP_S


def test_json_of_more_values_than_any_answer_has_is_refused() -> None:
    assert len(json_value(json.dumps([1] * (MOST_VALUES - 10)))) == MOST_VALUES - 10
    with pytest.raises(ValueError, match="values"):
        json_value(json.dumps([1] * (MOST_VALUES + 10)))


@pytest.mark.parametrize(
    "code", ["9" * 5_000, "²²²", "٣٣٣", "-1", "1" * 200, "0429", 10**40, 1e300, True, None, [], {}]
)
def test_no_code_is_a_bug_of_ours(code: object) -> None:
    body = json.dumps({"error": {"message": "no", "code": code, "status": code, "type": code}}).encode()
    seen = Exchange(Phase.DONE, status=400, body=body)
    reader = dialects()["openai-chat"].reader(ProbeKind.CHAT)
    evidence = evidence_of("openai", "openai-chat", ProbeKind.CHAT, seen, reader)
    assert classify(evidence, a_target("http://127.0.0.1:9")).category is not Category.INTERNAL
    assert evidence.error is None or all(len(found) < 300 for found in evidence.error.codes)
