"""A bundle for a provider's support: the redacted exchanges, the run, a summary, and the environment."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from msgspec import Struct, field

from llmprobe.dates import format_utc
from llmprobe.foreign import clean_lines, cleaned, whole_text_of
from llmprobe.json_text import readable
from llmprobe.model import Exchange, Request, Result, Run, Target
from llmprobe.model.diagnosis import Diagnosis
from llmprobe.redact import masked_headers, without_credentials
from llmprobe.reports.diagnosis import render_json, render_markdown
from llmprobe.reports.formats import Format
from llmprobe.reports.interface import Look
from llmprobe.reports.json_report import phases_json, result_json, timings_json
from llmprobe.reports.parts.support import summary

_MOST_CHARS = 200_000
_PACKAGES = ("llmprobe-cli", "httpx", "httpcore", "h11", "h2", "anyio", "certifi")
Files = dict[str, str]
"""Names in the archive, and their text."""


class Bundle(Struct):
    """Exchanges as they were observed, in their order."""

    exchanges: list[tuple[Target, Request, Exchange, Result]] = field(default_factory=list)

    def keep(self, target: Target, request: Request, exchange: Exchange, result: Result) -> None:
        self.exchanges.append((target, request, exchange, result))

    def of_run(self, run: Run) -> Files:
        """The run, its exchanges and a summary."""
        words = summary(run.conclusion, run.results, run.pages, run.started_at_utc, run.version)
        return self._with_exchanges({"run.json": Format.JSON.render(run, Look()), "summary.md": words})

    def of_diagnosis(self, diagnosis: Diagnosis) -> Files:
        """The ladder, its exchanges and a summary."""
        return self._with_exchanges(
            {"diagnosis.json": render_json(diagnosis), "summary.md": render_markdown(diagnosis)}
        )

    def _with_exchanges(self, files: Files) -> Files:
        for number, kept in enumerate(self.exchanges, 1):
            target, _, _, result = kept
            name = "".join(c if c.isalnum() or c in "-_." else "-" for c in target.name)
            files[f"exchanges/{number:02}-{name}-{result.probe}.json"] = readable(_exchange(*kept))
        return {**files, "environment.json": readable(_environment())}


def _exchange(target: Target, request: Request, exchange: Exchange, result: Result) -> dict[str, Any]:
    """Request and answer as they went over the wire, with every credential masked."""
    return {
        "target": target.name,
        "probe": str(result.probe),
        "started_at": [format_utc(a.started_at_utc) for a in result.attempts],
        "request": {
            "method": request.method,
            "url": without_credentials(request.url),
            "headers": cleaned(masked_headers(request.headers)),
            "body": cleaned(request.body, clean_lines),
        },
        "answer": {
            "status": exchange.status,
            "http_version": exchange.http_version,
            "headers": masked_headers(dict(exchange.headers)),
            "body": whole_text_of(exchange.body, _MOST_CHARS),
            "cut_off": len(exchange.body) > _MOST_CHARS,
        },
        "failure": None
        if exchange.failure is None
        else {
            "kind": str(exchange.failure.kind),
            "phase": str(exchange.failure.phase),
            "detail": exchange.failure.detail,
            "chain": [f"{link.type}: {link.message}" for link in exchange.failure.chain],
        },
        "timings_ms": timings_json(exchange.timings),
        "phases": phases_json(exchange.timings, exchange.phase),
        "peer": exchange.peer,
        "proxy": None if exchange.proxy is None else without_credentials(exchange.proxy),
        "verdict": result_json(result),
    }


def _environment() -> dict[str, Any]:
    return {
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
