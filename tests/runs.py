"""Fixed runs that the tests of reports share: every status, hostile text, groups, samples."""

from __future__ import annotations

from msgspec.structs import replace

from llmprobe.model import (
    Attempt,
    Category,
    ExitCode,
    Fault,
    GroupResult,
    HttpFacts,
    Limit,
    Phase,
    ProbeKind,
    RateLimit,
    Result,
    Run,
    SelfFacts,
    Stats,
    Status,
    Timings,
    TlsFacts,
    Tokens,
    Window,
)

GOOD = Timings(
    dns_s=0.012, connect_s=0.02, tls_s=0.031, send_s=0.001, sent_s=0.064, headers_s=0.2, first_event_s=0.21,
    first_text_s=0.31, ttft_s=0.31, total_s=0.8, longest_silence_s=0.05, itl_p50_s=0.02,
)  # fmt: skip


def result(
    target: str, status: Status, category: Category, fault: Fault | None = None, **changes: object
) -> Result:
    values: dict[str, object] = {
        "provider": "anthropic", "title": "Anthropic", "dialect": "anthropic-messages", "model": "m", "probe": ProbeKind.STREAM,
        "endpoint": "https://api.anthropic.com/v1/messages", "phase": Phase.DONE, "reason": "because", "hint": "do this",
        "http": HttpFacts(200, "1.1", "req_1", None, "cloudflare", "Cloudflare"), "timings": GOOD, **changes,
    }  # fmt: skip
    return Result(target=target, status=status, category=category, fault=fault, **values)  # type: ignore[arg-type]


def attempt(number: int, category: Category, status: Status) -> Attempt:
    return Attempt(number, status, category, Phase.DONE, "because", 529, 1_700_000_000.0, GOOD, 1.5, None)


MIXED = Run(
    version="0.0.0",
    started_at_utc=1_700_000_000.0,
    duration_s=1.5,
    status=Status.FAILED,
    conclusion="1 of 3 healthy. Anthropic: overloaded (their side); retry in 12 s.",
    exit_code=ExitCode.FAILED,
    results=[
        result(
            "claude", Status.HEALTHY, Category.OK, reason="answered", hint=None, answered_model="m-1",
            tokens=Tokens(9, 8, None, 14.3, "server"), connection="new", peer="1.2.3.4:443", clock="kernel",
            tls=TlsFacts("TLSv1.3", "AES", "http/1.1", "2030-01-01T00:00:00Z", 9e8, "CA"),
            rate_limit=RateLimit(Window(1000, 900, 60, None), None, None),
            stats=Stats(20, 0, 1.0, {"min": 0.1, "median": 0.2, "p95": 0.3, "p99": None, "max": 0.4}, None),
        ),
        result("slow", Status.DEGRADED, Category.SLOW, Fault.PROVIDER, reason="first token 310 ms, limit 200 ms", notes=("noted",)),
        result(
            "busy", Status.FAILED, Category.OVERLOADED, Fault.PROVIDER, reason="Anthropic says that it is overloaded",
            timings=Timings(connect_s=0.02, total_s=0.1), http=HttpFacts(529), rate_limit=RateLimit(retry_after_s=12),
            attempts=(attempt(1, Category.OVERLOADED, Status.FAILED), attempt(2, Category.OVERLOADED, Status.FAILED)),
        ),
    ],
    groups=[GroupResult("chat", Status.DEGRADED, 1, 2, ("claude", "slow", "busy"))],
    notes=["a note"],
    self_facts=SelfFacts("kernel", 0.001, 0.002),
)  # fmt: skip
EMPTY = Run("0.0.0", 1_700_000_000.0, 0.0, Status.HEALTHY, "0 of 0 healthy.", ExitCode.USAGE, [])

HOSTILE = "<script>alert(1)</script> | %0A::error::x\r\n=cmd() # \"q\" 'a' \\ \x00\x1b[31m \ud83d\ude00 ]]> * _b_ [l](http://e)".encode(
    "utf-16", "surrogatepass"
).decode("utf-16")
"""What a server may send to break whoever shows it."""

EVERYTHING = replace(
    MIXED,
    groups=[],
    results=[
        replace(MIXED.results[0], limits={"ttft": Limit(2.0, 5.0), "silence": Limit(None, 1.0)}),
        *MIXED.results[1:],
        result("hostile", Status.FAILED, Category.SERVER_ERROR, Fault.PROVIDER, reason=HOSTILE, hint=HOSTILE, notes=(HOSTILE,)),
        result("skipped", Status.SKIPPED, Category.BUDGET, timings=Timings(), http=HttpFacts(), phase=None),
        result("bug", Status.FAILED, Category.INTERNAL, timings=Timings(), http=HttpFacts(), phase=None),
    ],
)  # fmt: skip
