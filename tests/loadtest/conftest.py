"""Fixtures of the load tests' tests: small real servers, and reports as runs make them."""

from collections.abc import Iterator

import pytest

from loadtest.report import Report
from tests.loadtest.http_server import ScriptedServer
from tests.loadtest.sample_report import sample_image_report, sample_report


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """An HTTP server on a free port."""
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def report() -> Report:
    """A report of the FAQ benchmark with all figures."""
    return sample_report()


@pytest.fixture
def image_report() -> Report:
    """A report of the image benchmark with all figures."""
    return sample_image_report()
