"""Recorded healthy answers over real sockets: none is called failed or degraded."""

from __future__ import annotations

import pytest

from tests import healthy

pytestmark = pytest.mark.skipif(
    not healthy.FOLDER.exists(), reason="the recordings of healthy answers are not beside this checkout"
)


@pytest.mark.parametrize("anonymous", [False, True], ids=["by name", "anonymous"])
def test_no_recorded_healthy_answer_is_called_unhealthy(anonymous: bool) -> None:
    """Whoever sent it, and without being told who that is; a refusal on purpose is named as one."""
    every = {recording.id: recording for recording in healthy.recordings()}
    found = healthy.verdicts(list(every.values()), anonymous=anonymous)

    assert len(found) == len(every) > 200
    assert [verdict for verdict in found if not verdict.fits(every[verdict.id])] == []
