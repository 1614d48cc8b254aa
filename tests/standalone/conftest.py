"""What several tests of the standalone stack need."""

import socket
from collections.abc import Iterator

import pytest

from standalone.ports import LOOPBACK


@pytest.fixture
def busy_port() -> Iterator[int]:
    """A port on which this process listens."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        yield listener.getsockname()[1]
