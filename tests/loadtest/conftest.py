"""Fixtures of the load tests' tests: small real servers, and a report as a run makes it."""

from collections.abc import Iterator

import pytest

from loadtest.report import Report
from tests.loadtest.http_server import FaqServer
from tests.loadtest.sample_report import sample_report


@pytest.fixture
def server() -> Iterator[FaqServer]:
    """An HTTP server on a free port."""
    with FaqServer() as server:
        yield server


@pytest.fixture
def report() -> Report:
    """A report with all figures."""
    return sample_report()
