"""Style and script of the page, and the policy that lets these two run and nothing else."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from llmprobe.reports.parts.html_page import style_of

_HERE = Path(__file__).parent
STYLE = (_HERE / "page.css").read_text(encoding="utf-8")
SCRIPT = (_HERE / "live.js").read_text(encoding="utf-8")
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E"
    "%3Ccircle cx='4' cy='4' r='3' fill='%2330a46c'/%3E%3C/svg%3E"
)


def _hashed(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


_OWN = (
    f"style-src {_hashed(style_of(STYLE))}; script-src {_hashed(SCRIPT)}; connect-src 'self'; img-src data:"
)
POLICY = f"default-src 'none'; {_OWN}; base-uri 'none'; form-action 'none'"
"""What the page itself says; the header adds what only a header can."""
HEADER_POLICY = f"{POLICY}; frame-ancestors 'none'"
