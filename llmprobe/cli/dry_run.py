"""`check --dry-run`: each request as it would leave, and what it can cost."""

from __future__ import annotations

from llmprobe.cli.output import Screen
from llmprobe.config import Plan
from llmprobe.engine.probing.preview import Preview, previews
from llmprobe.json_text import compact, readable


def show(plan: Plan, format: str, screen: Screen) -> int:
    """Print all requests; nothing is sent. Returns 0."""
    found = list(previews([built.target for built in plan.built]))
    if format == "table":
        screen.write("\n".join(map(_text, found)))
        tokens = sum(p.max_tokens or 0 for p in found)
        screen.write(f"\n{len(found)} requests, at most {tokens} output tokens; nothing was sent\n")
    else:
        values = [_json(p) for p in found]
        lines = "".join(f"{compact(v)}\n" for v in values)
        screen.write(lines if format == "ndjson" else readable({"requests": values}))
    return 0


def _text(preview: Preview) -> str:
    lines = [f"{preview.target} {preview.probe}", f"  {preview.method} {preview.url}"]
    lines += [f"  {name}: {value}" for name, value in preview.headers.items()]
    if preview.body is not None:
        lines.append(f"  {compact(preview.body)}")
    if preview.max_tokens is not None:
        lines.append(f"  at most {preview.max_tokens} output tokens")
    return "\n".join(lines) + "\n"


def _json(preview: Preview) -> dict[str, object]:
    return {
        "target": preview.target,
        "probe": str(preview.probe),
        "method": preview.method,
        "url": preview.url,
        "headers": dict(preview.headers),
        "body": preview.body,
        "max_tokens": preview.max_tokens,
    }
