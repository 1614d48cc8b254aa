"""What several tests of the standalone stack need."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import standalone
from standalone.ports import LOOPBACK

# Tests that need no Triton import modules of the backends as a stub does: by their bare names.
_BACKENDS = Path(standalone.__file__).parent / "backends"
sys.path += [str(_BACKENDS / name) for name in ("common", "onnxruntime", "openvino")]


@pytest.fixture
def busy_port() -> Iterator[int]:
    """A port on which this process listens."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        yield listener.getsockname()[1]
