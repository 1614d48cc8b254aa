"""Fixtures of the load tests' tests: small real servers, and reports as runs make them."""

from collections.abc import Iterator

import pytest

from loadtest.report import Report
from tests.loadtest.http_server import ScriptedServer
from tests.loadtest.sample_report import sample_report


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """An HTTP server on a free port."""
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def report() -> Report:
    """A report of the standing benchmark with all figures of both models."""
    return sample_report()
