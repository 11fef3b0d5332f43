"""No secret shows anywhere, whatever its shape, its source, and where and how a server repeats it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.canary import Case, cases, played
from tests.hostile.echo import echo_server
from tests.hostile.leaks import leaked
from tests.hostile.shapes import SHAPES, SPELLINGS


@pytest.mark.parametrize("case", list(cases(11, 70)), ids=lambda case: "-".join(case[:5]))
def test_a_planted_secret_shows_nowhere(case: Case, tmp_path: Path) -> None:
    """And the scrub on the way out finds nothing that the border has missed."""
    with echo_server() as echo:
        assert not list(played(case, echo, tmp_path / "out"))


@pytest.mark.hostile
@pytest.mark.parametrize("seed", range(30, 40))
def test_many_planted_secrets_show_nowhere(seed: int, tmp_path: Path) -> None:
    with echo_server() as echo:
        numbered = enumerate(cases(seed, 40))
        assert not [f for number, case in numbered for f in played(case, echo, tmp_path / str(number))]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_look_for_leaks_finds_what_is_there(shape: str, spelling: str) -> None:
    """A test that cannot fail proves nothing: each spelling of each shape is found in plain output."""
    case = Case(shape, spelling, "", "", "")
    assert leaked(case.secret, f"before {SPELLINGS[spelling](case.secret)} after".encode())
    assert leaked(case.secret, b"before *** after") is None
