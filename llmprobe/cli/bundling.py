"""`--bundle FILE.zip`: what a provider's support asks for, redacted, in one file."""

from __future__ import annotations

import platform
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from llmprobe.cli.output import Screen
from llmprobe.dates import format_utc
from llmprobe.engine.probing.preview import masked_headers
from llmprobe.json_text import readable
from llmprobe.model import Exchange, Request, Result, Run, Target
from llmprobe.model.diagnosis import Diagnosis
from llmprobe.redact import SCRUB, without_credentials
from llmprobe.reports import Look, renderer
from llmprobe.reports.bundle import summary
from llmprobe.reports.diagnosis import render_json, render_markdown
from llmprobe.reports.json_report import result_json, timings_json

_MOST_BYTES = 200_000
_PACKAGES = ("llmprobe", "httpx", "httpcore", "h11", "h2", "anyio", "certifi")


class Evidence(Struct):
    """Exchanges as they were heard, in their order."""

    exchanges: list[tuple[Target, Request, Exchange, Result]] = field(default_factory=list)

    def keep(self, target: Target, request: Request, exchange: Exchange, result: Result) -> None:
        self.exchanges.append((target, request, exchange, result))

    def write_run(self, path: Path, run: Run, screen: Screen) -> None:
        """The run, its exchanges and a summary. A file that cannot be written is told."""
        files = {
            "run.json": renderer("json")(run, Look()),
            "summary.md": summary(run.conclusion, run.results, run.pages, run.started_at_utc, run.version),
        }
        self._write(path, files, screen)

    def write_diagnosis(self, path: Path, diagnosis: Diagnosis, screen: Screen) -> None:
        """The ladder, its exchanges and a summary."""
        files = {"diagnosis.json": render_json(diagnosis), "summary.md": render_markdown(diagnosis)}
        self._write(path, files, screen)

    def _write(self, path: Path, files: dict[str, str], screen: Screen) -> None:
        for number, kept in enumerate(self.exchanges, 1):
            target, _, _, result = kept
            name = "".join(c if c.isalnum() or c in "-_." else "-" for c in target.name)
            files[f"exchanges/{number:02}-{name}-{result.probe}.json"] = readable(_exchange(*kept))
        files["environment.json"] = readable(_environment())
        temporary = path.with_name(f".{path.name}.part")
        try:
            with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, text in files.items():
                    archive.writestr(name, SCRUB(text))
            temporary.replace(path)
        except OSError as exc:
            temporary.unlink(missing_ok=True)
            screen.note(f'error: cannot write "{path}": {exc.strerror}')
            return
        screen.note(
            f"evidence for support: {path} ({len(files)} files; keys are masked, look before you send)"
        )


def _exchange(target: Target, request: Request, exchange: Exchange, result: Result) -> dict[str, Any]:
    """Request and answer as they went over the wire, with every credential masked."""
    body = exchange.body[:_MOST_BYTES]
    return {
        "target": target.name,
        "probe": str(result.probe),
        "started_at": [format_utc(a.started_at_utc) for a in result.attempts],
        "request": {
            "method": request.method,
            "url": without_credentials(request.url),
            "headers": masked_headers(request.headers),
            "body": request.body,
        },
        "answer": {
            "status": exchange.status,
            "http_version": exchange.http_version,
            "headers": masked_headers(dict(exchange.headers)),
            "body": body.decode("utf-8", "replace"),
            "cut_off": len(exchange.body) > _MOST_BYTES,
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
