"""Whether the network reaches the official weights is known in seconds."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from converters.errors import WeightsError
from converters.image.network import connect


def test_a_host_that_answers_is_reached() -> None:
    """A connection is enough: nothing is asked for."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connect("127.0.0.1", server.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "weights.invalid"])
def test_a_host_that_does_not_answer_is_named(host: str) -> None:
    """A refused connection, and a name that nobody knows."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(WeightsError, match=f"{host} does not answer") as caught:
        connect(host, port)
    assert "--weights PATH" in caught.value.hint


def test_downloaded_weights_need_no_network(tmp_path: Path) -> None:
    """A file in torch's cache is enough to go on; whether it is the right one, loading tells."""
    cache = tmp_path / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    (cache / "resnet152-f82ba261.pth").touch()
    code = "from converters.image.network import HOSTS, reach; HOSTS['torch'] = 'weights.invalid'; reach('torch')"
    environment = {**os.environ, "TORCH_HOME": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
