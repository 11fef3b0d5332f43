"""What a server says reaches a reader as text: no terminal, page, cell or log takes it for anything else."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from lxml import etree, html

from llmprobe.reports import FORMATS
from tests.hostile.echo import PLACES, answer, echo_server
from tests.support import llmprobe

MARKUP = "`x`<b>bold</b> [a](https://evil.example/a) www.evil.example **y** | =1+1 '\"&amp; %0A::error::z"
HIDDEN = "\x1b]52;c;ZXZpbA==\x07\x1b[31m\u202eabc\u200b\u2028\x9b31m\ud800\r\n::error::z"
SPOKEN = (
    "error message",
    "error code",
    "model",
    "answer",
    "finish reason",
    "stream, error",
    "detail",
    "error type",
)
SENT = ("request id", "server", "via", "location, bare", "reason phrase", "cookie", "content type")


@pytest.mark.parametrize("place", SPOKEN + SENT)
def test_foreign_text_is_text_in_every_report(place: str, tmp_path: Path) -> None:
    """JSON stays one document, XML and HTML have no element of the server's, no character is obeyed."""
    said = MARKUP + (HIDDEN if place in SPOKEN else "")
    with echo_server() as echo:
        url = echo.say(
            PLACES[place](said), models=answer("200 OK", json.dumps({"data": [{"id": said}]}).encode())
        )
        config = tmp_path / "c.toml"
        config.write_text(
            f'[targets.a]\nprovider = "simulator"\nbase_url = "{url}"\nmodel = "m"\nretries = 0\nprobes = ["stream", "chat"]\n'
        )
        files = [f"-o{name}:{tmp_path}/r.{name}" for name in FORMATS]
        done = llmprobe("check", "-c", str(config), "-v", *files)
        models = llmprobe("models", "a", "-c", str(config))

    reports = {path.suffix[1:]: path.read_bytes().decode() for path in tmp_path.glob("r.*")}
    assert done.returncode in (0, 1, 4), done.stderr
    for name, text in {
        **reports,
        "out": done.stdout + done.stderr,
        "models": models.stdout + models.stderr,
    }.items():
        obeyed = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - set(
            "\n\r\t"
        )
        assert not obeyed, name
        assert not re.search(r"(?m)^\s*::error::z", text), name
    assert json.loads(reports["json"])["schema"] == "llmprobe.run/1"
    assert len(reports["ndjson"].splitlines()) == 2
    etree.fromstring(reports["junit"].encode())
    assert html.fromstring(reports["html"]).xpath("//b[text()='bold'] | //a") == []
    assert not re.search(
        r"(?<!\\)<b>|[a-z]://evil|(?<!\\)\]\(|www\.evil", re.sub(r"`[^`]*`", "", reports["markdown"])
    )
    assert reports["nagios"].count("\n") == 1
    assert reports["nagios"].count("|") <= 1


@pytest.mark.parametrize("width", range(40, 100, 9))
def test_no_line_of_a_table_is_a_command_to_a_ci_system(width: int, tmp_path: Path) -> None:
    """Wherever it breaks: GitHub's runner ignores blanks before `::`."""
    said = (
        "no ::error file=x::z ##[error]z ##vso[task.setvariable]z ::add-mask::z ::stop-commands::z "
        + "x" * width
        + "::error::z"
    )
    with echo_server() as echo:
        line = ["check", "--base-url", echo.say(PLACES["error message"](said)), "-m", "m", "-v"]
        done = llmprobe(*line, env={"COLUMNS": str(width)})
    assert "error" in done.stdout, "it is shown"
    assert not re.search(r"(?m)^\W*(::[a-z-]+|##\[|##vso\[)", done.stdout + done.stderr)
