"""The bad servers, and a healthy one beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.hostile.healthy import healthy_server
from tests.hostile.servers import Ports, bad_servers

SEARCHES = {
    "test_no_message_takes_long_to_judge",
    "test_no_answer_holds_the_loop",
    "test_no_text_takes_long_to_explain",
    "test_pieces_put_together_are_no_key",
    "test_a_key_that_stands_where_keys_stand_is_masked",
    "test_a_key_of_the_environment_is_masked_in_every_spelling",
    "test_a_deadline_is_kept_whatever_a_sink_sends",
    "test_a_value_that_no_version_wrote_is_told_as_damage",
}
"""Tests with many like cases: one in four runs with the suite, the others with `-m soak`."""
_ONE_IN = 4


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep one case in four of each search for the daily round."""
    seen: Counter[str] = Counter()
    for item in items:
        name = getattr(item, "originalname", "")
        if name in SEARCHES:
            if seen[name] % _ONE_IN:
                item.add_marker("soak")
            seen[name] += 1


@pytest.fixture(scope="session")
def bad() -> Iterator[Ports]:
    with bad_servers() as ports:
        yield ports


@pytest.fixture(scope="session")
def good() -> Iterator[str]:
    with healthy_server() as url:
        yield url
