"""Locust's own objects, in a process that Locust must not change."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from locust.stats import RequestStats


@pytest.fixture
def stats(monkeypatch: pytest.MonkeyPatch) -> "RequestStats":
    """Where Locust counts requests; empty."""
    monkeypatch.setenv("LOCUST_SKIP_MONKEY_PATCH", "1")  # or the import replaces sockets and threads
    from locust.stats import RequestStats

    return RequestStats()
