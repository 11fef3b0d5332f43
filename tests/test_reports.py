"""Reports: fixed results in, exact text out."""

from __future__ import annotations

import json

import jsonschema
import pytest
from inline_snapshot import snapshot
from msgspec.structs import replace

from llmprobe.model import Category, ExitCode, Run
from llmprobe.reports import FORMATS, Look, renderer
from llmprobe.reports.json_report import run_json
from llmprobe.reports.schema import run_schema
from tests.runs import EMPTY, MIXED, result

SINGLE = replace(MIXED, results=[replace(r, stats=None) for r in MIXED.results])


def test_the_table_at_100_columns() -> None:
    assert renderer("table")(MIXED, Look(width=100)) == snapshot("""\
1 of 3 healthy. Anthropic: overloaded (their side); retry in 12 s.

status      target  what        side     n  good  ttft p50  ttft p95
✓ healthy   claude  ok                  20  100%    200 ms    300 ms
! degraded  slow    slow        theirs
✗ failed    busy    overloaded  theirs

! slow stream: first token 310 ms, limit 200 ms
  note: noted
  → do this

✗ busy stream: Anthropic says that it is overloaded
  → do this

! group chat: 2 of 3 work, needs 1

note: a note

1 of 3 healthy. Anthropic: overloaded (their side); retry in 12 s.
""")


def test_the_table_at_140_columns_has_a_bar() -> None:
    assert renderer("table")(SINGLE, Look(width=140)).split("\n\n")[1] == snapshot("""\
status      target  what        side    http    ttft   total  time
✓ healthy   claude  ok                   200  310 ms  800 ms  ▁▅▅░░░░░░▒▒▒▒▒██████████████████████
! degraded  slow    slow        theirs   200  310 ms  800 ms  ▁▅▅░░░░░░▒▒▒▒▒██████████████████████
✗ failed    busy    overloaded  theirs   529          100 ms  ▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞▞░░░░
▁ dns  ▃ connect  ▅ tls  ░ waiting  ▒ first token  █ stream  ▞ retry\
""")


def test_the_table_in_ascii() -> None:
    text = renderer("table")(SINGLE, Look(width=140, unicode=False))
    assert text.isascii()
    assert text.split("\n\n")[1] == snapshot("""\
status      target  what        side    http    ttft   total  time
+ healthy   claude  ok                   200  310 ms  800 ms  :==......ooooo######################
! degraded  slow    slow        theirs   200  310 ms  800 ms  :==......ooooo######################
x failed    busy    overloaded  theirs   529          100 ms  ////////////////////////////////////....
: dns  - connect  = tls  . waiting  o first token  # stream  / retry\
""")


def test_the_waterfall() -> None:
    text = renderer("table")(MIXED, Look(width=80, verbose=True))
    assert text[text.index("✓ claude stream") : text.index("! slow stream")] == snapshot("""\
✓ claude stream: answered
  dns              12 ms  ▁
  connect          20 ms   ▃
  tls              31 ms    ▅▅
  send            1.0 ms      ▅
  waiting         136 ms      ░░░░░░░░░
  first token     110 ms               ▒▒▒▒▒▒▒
  stream          490 ms                      ████████████████████████████████
  endpoint     https://api.anthropic.com/v1/messages
  peer         1.2.3.4:443, new connection, via Cloudflare
  http         200, HTTP/1.1
  request id   req_1
  tls          TLSv1.3 AES
  certificate  until 2030-01-01T00:00:00Z (10417 d left), issued by CA
  answered by  m-1
  tokens       9 in, 8 out, 14/s (counted by server)
  rate limit   900 of 1000 requests left, full again in 60 s
  samples      20, 100% good; ttft: min 100 ms, median 200 ms, p95 300 ms, max
               400 ms
  instants     headers 200 ms, first event 210 ms, first text 310 ms, total 800
               ms
  clock        kernel

""")


def test_quiet_lines() -> None:
    assert renderer("quiet")(MIXED, Look()) == snapshot("""\
slow stream: degraded slow (provider): first token 310 ms, limit 200 ms
busy stream: failed overloaded (provider): Anthropic says that it is overloaded
""")


def test_the_json_holds_the_contract() -> None:
    """Validated against the published schema; units in names, unknown as null, never invented."""
    document = json.loads(renderer("json")(MIXED, Look()))
    jsonschema.validate(document, run_schema())
    first = document["results"][0]

    assert document["started_at"] == "2023-11-14T22:13:20.000Z"
    assert document["summary"]["status"] == {"healthy": 1, "degraded": 1, "failed": 1, "skipped": 0}
    assert first["timings_ms"]["ttft"] == 310.0
    assert first["timings_ms"]["itl_p95"] is None
    assert document["results"][2]["timings_ms"]["dns"] is None
    assert document["results"][2]["rate_limit"]["retry_after_s"] == 12


def test_a_large_document_is_the_same_document() -> None:
    """Made piece by piece where it is large: the same value, key by key and in the same order."""
    many = replace(MIXED, results=[*MIXED.results] * 50)
    text = renderer("json")(many, Look())
    assert json.loads(text) == json.loads(json.dumps(run_json(many)))
    assert list(json.loads(text)) == list(run_json(many))
    assert text.count("\n") == 1


def test_the_schema_refuses_what_breaks_the_contract() -> None:
    """A schema that accepts everything guards nothing."""
    document = json.loads(renderer("json")(MIXED, Look()))
    document["results"][0]["category"] = "fine"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, run_schema())
    del document["results"][0]["category"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, run_schema())


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("category", list(Category))
def test_every_report_renders_every_category(format: str, category: Category) -> None:
    """Also an empty run, and at any width."""
    from llmprobe.classify import ABOUT, status_of

    run = Run(
        "0",
        0.0,
        0.0,
        status_of(category),
        "x",
        ExitCode.OK,
        [result("t", status_of(category), category, ABOUT[category].fault)],
    )
    for width in (1, 20, 60, 200):
        text = renderer(format)(run, Look(width=width, verbose=True))
        assert text or category is Category.OK
        assert isinstance(renderer(format)(EMPTY, Look(width=width)), str)
