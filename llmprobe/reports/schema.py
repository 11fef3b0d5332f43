"""The JSON Schema of `llmprobe.run/1`, published by `llmprobe schema run`."""

from __future__ import annotations

from typing import Any

from llmprobe.model import Category, Confidence, ExitCode, Fault, Phase, ProbeKind, Status
from llmprobe.model.diagnosis import RungName, RungState
from llmprobe.model.page import PageState
from llmprobe.reports.json_report import DIAGNOSIS_SCHEMA, LINE_SCHEMA, SCHEMA, STATUS_SCHEMA
from llmprobe.reports.parts.phases import Stretch

Json = dict[str, Any]
_NUMBER: Json = {"type": ["number", "null"], "minimum": 0}
_COUNT: Json = {"type": ["integer", "null"], "minimum": 0}
_TEXT: Json = {"type": ["string", "null"]}
_STRING: Json = {"type": "string"}
_TIMINGS = (
    "dns", "connect", "tls", "send", "sent", "headers", "first_event", "first_reasoning", "first_text",
    "ttft", "total", "longest_silence", "itl_p50", "itl_p95",
)  # fmt: skip


def run_schema() -> Json:
    """A document of this schema holds every key; within one number keys are added, never renamed."""
    return _document(
        SCHEMA,
        llmprobe=_STRING,
        started_at={"type": "string", "format": "date-time"},
        duration_ms={"type": "number", "minimum": 0},
        status=_enum(Status),
        conclusion=_STRING,
        exit_code={"enum": [int(code) for code in ExitCode]},
        summary=_object(
            status=_counts(),
            category=_counts(),
            fault=_counts(),
            cost=_cost(unknown={"type": "integer", "minimum": 0}),
        ),
        groups=_list(_group()),
        results=_list({"$ref": "#/$defs/result"}),
        notes=_list(_STRING),
        status_pages=_list(_page()),
        self=_object(
            clock=_TEXT,
            loop_lag_p99_ms=_NUMBER,
            loop_lag_max_ms=_NUMBER,
            concurrency=_object(peak=_COUNT, limit=_COUNT, adaptive={"type": ["boolean", "null"]}),
        ),
    )


def result_schema() -> Json:
    """A line of `ndjson`."""
    return _document(LINE_SCHEMA, **_result()["properties"])


def status_schema() -> Json:
    """What the vendors' own pages say."""
    return _document(STATUS_SCHEMA, status_pages=_list(_page()))


def diagnosis_schema() -> Json:
    """The rungs of a ladder, and where it broke."""
    rung = _object(
        name=_enum(RungName),
        state=_enum(RungState),
        did=_STRING,
        came=_STRING,
        ms=_NUMBER,
        details=_list(_STRING),
    )
    return _document(
        DIAGNOSIS_SCHEMA,
        llmprobe=_STRING,
        started_at={"type": "string", "format": "date-time"},
        duration_ms={"type": "number", "minimum": 0},
        target=_STRING,
        provider=_STRING,
        model=_TEXT,
        endpoint=_STRING,
        broken=_enum(RungName, nullable=True),
        category=_enum(Category),
        fault=_enum(Fault, nullable=True),
        conclusion=_STRING,
        next=_TEXT,
        command=_TEXT,
        repairs=_list(_STRING),
        last_at=_TEXT,
        changes=_list(_STRING),
        not_tested=_list(_STRING),
        tokens=_COUNT,
        exit_code={"enum": [int(code) for code in ExitCode]},
        rungs=_list(rung),
        results=_list({"$ref": "#/$defs/result"}),
        status_pages=_list(_page()),
    )


def _document(number: str, **properties: Json) -> Json:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://llmprobe.dev/schema/{number}",
        "title": number,
        "$defs": {
            "result": _result(),
            "timings_ms": _object(**dict.fromkeys(_TIMINGS, _NUMBER)),
            "phases": _phases(),
        },
        **_object(schema={"const": number}, **properties),
    }


def _result() -> Json:
    return _object(
        target=_STRING,
        provider=_STRING,
        dialect=_STRING,
        model=_TEXT,
        answered_model=_TEXT,
        probe=_enum(ProbeKind),
        endpoint=_STRING,
        status=_enum(Status),
        category=_enum(Category),
        fault=_enum(Fault, nullable=True),
        paused_by=_enum(Category, nullable=True),
        phase=_enum(Phase, nullable=True),
        reason=_STRING,
        hint=_TEXT,
        rule=_TEXT,
        confidence=_enum(Confidence),
        evidence=_list(_STRING),
        runner_up=_enum(Category, nullable=True),
        runner_up_evidence=_list(_STRING),
        http=_object(
            status=_COUNT, version=_TEXT, request_id=_TEXT, provider_code=_TEXT, server=_TEXT, edge=_TEXT
        ),
        timings_ms={"$ref": "#/$defs/timings_ms"},
        phases={"$ref": "#/$defs/phases"},
        tokens=_object(
            input=_COUNT,
            output=_COUNT,
            reasoning=_COUNT,
            per_second=_NUMBER,
            counted_by=_TEXT,
            events=_COUNT,
            reads=_COUNT,
        ),
        cost=_cost(source={"enum": ["answer", "list", "both", None]}),
        rate_limit=_object(requests=_window(), tokens=_window(), retry_after_s=_NUMBER, hit=_TEXT),
        tls=_nullable(_object(version=_TEXT, cipher=_TEXT, alpn=_TEXT, expires_at=_TEXT, issuer=_TEXT)),
        connection={"enum": ["new", "reused", None]},
        peer=_TEXT,
        clock={"enum": ["kernel", "user", None]},
        connects=_list(_object(address=_STRING, ms={"type": "number", "minimum": 0}, outcome=_STRING)),
        attempts=_list(_attempt()),
        stats=_nullable(_stats()),
        notes=_list(_STRING),
        tags=_list(_STRING),
        limits_ms={"type": "object", "additionalProperties": _object(warn=_NUMBER, crit=_NUMBER)},
    )


def _cost(**more: Json) -> Json:
    return _object(requests=_COUNT, input_tokens=_COUNT, output_tokens=_COUNT, usd=_NUMBER, **more)


def _attempt() -> Json:
    return _object(
        number={"type": "integer", "minimum": 1},
        started_at={"type": "string", "format": "date-time"},
        status=_enum(Status),
        category=_enum(Category),
        phase=_enum(Phase),
        reason=_STRING,
        http_status=_COUNT,
        retry_after_s=_NUMBER,
        adapted=_TEXT,
        timings_ms={"$ref": "#/$defs/timings_ms"},
        phases={"$ref": "#/$defs/phases"},
        waited_ms=_NUMBER,
    )


def _phases() -> Json:
    names = [str(name) for name in Stretch if name not in (Stretch.RETRY, Stretch.PAUSE)]
    phase = _object(name={"enum": names}, duration_ms={"type": "number", "minimum": 0})
    words = (
        "Where the time of one attempt went, in order and without gaps: the durations sum up to "
        "timings_ms.total, also of what failed on the way. Empty where nothing was timed. `silence` is a "
        "long gap in a stream, `other` time before sending that no phase of the connection explains."
    )
    return {**_list(phase), "description": words}


def _stats() -> Json:
    summary = _nullable(_object(min=_NUMBER, median=_NUMBER, p95=_NUMBER, p99=_NUMBER, max=_NUMBER))
    return _object(
        n={"type": "integer", "minimum": 1},
        failed={"type": "integer", "minimum": 0},
        success_rate={"type": "number", "minimum": 0, "maximum": 1},
        ttft_ms=summary,
        total_ms=summary,
        categories=_counts(),
    )


def _page() -> Json:
    incident = _object(
        title=_STRING, state=_STRING, impact=_TEXT, began_at=_TEXT, updated_at=_TEXT, url=_TEXT
    )
    return _object(
        provider=_STRING,
        url=_STRING,
        state=_enum(PageState),
        component=_TEXT,
        read_at={"type": "string", "format": "date-time"},
        changed_at=_TEXT,
        problem=_TEXT,
        note=_TEXT,
        incidents=_list(incident),
    )


def _group() -> Json:
    return _object(
        name=_STRING,
        status=_enum(Status),
        need={"type": "integer", "minimum": 1},
        healthy={"type": "integer", "minimum": 0},
        members=_list(_STRING),
    )


def _window() -> Json:
    return _nullable(_object(limit=_NUMBER, remaining=_NUMBER, reset_s=_NUMBER, window=_TEXT))


def _object(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _nullable(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _counts() -> Json:
    return {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}}


def _enum(kind: type, *, nullable: bool = False) -> Json:
    values: list[str | None] = [str(member) for member in kind]  # type: ignore[attr-defined]
    return {"enum": [*values, None] if nullable else values}
