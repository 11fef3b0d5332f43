"""Skip live tests while a provider is down; fail where the trouble is on our own side (a key, a quota)."""

import pytest

import llmprobe


@pytest.fixture(scope="session")
def llm() -> llmprobe.Target:
    """The member of the group "chat" to use now."""
    picked = llmprobe.pick_sync("chat")
    if picked.target is None and picked.run.exit_code in (
        llmprobe.ExitCode.FAILED,
        llmprobe.ExitCode.NETWORK,
    ):
        pytest.skip(picked.run.conclusion)
    assert picked.target is not None, picked.run.conclusion
    return picked.target


def test_the_model_answers(llm: llmprobe.Target) -> None:
    assert llm.model
