"""Downloads: checked, complete or not at all, and from nowhere but where it is safe."""

import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from converters.errors import WeightsError
from converters.image import weights_file
from converters.image.download import OFFLINE_HINT, Remote, fetch
from tests.converters.image.weights_server import CONTENT, Server, running

T = TypeVar("T")
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A web server on this machine."""
    with running() as started:
        yield started


@pytest.mark.parametrize(
    "checksum", ["", f"#sha256={SHA256}", f"#SHA256={SHA256.upper()}", f"#md5={hashlib.md5(CONTENT).hexdigest()}"]
)
@pytest.mark.parametrize("name", ["weights.pth", "unannounced.pth", "moved.pth"])
def test_fetches_a_file(server: Server, name: str, checksum: str, tmp_path: Path) -> None:
    """A file comes whole into a folder that is made for it, with or without length, checksum and redirection."""
    path = fetch(Remote.of(f"{server.url}/{name}{checksum}"), tmp_path / "new" / "cache")
    assert path.read_bytes() == CONTENT
    assert path.name.endswith(f"-{name}")
    assert list(path.parent.iterdir()) == [path]


def test_fetches_once(server: Server, tmp_path: Path) -> None:
    """What is in the cache is not asked for again; a damaged file there is replaced where the checksum is known."""
    remote = Remote.of(f"{server.url}/weights.pth#sha256={SHA256[:16]}")
    path = fetch(remote, tmp_path)
    before = server.asked
    assert fetch(remote, tmp_path) == path
    assert server.asked == before
    path.write_bytes(CONTENT[:-1])
    assert fetch(remote, tmp_path).read_bytes() == CONTENT


def test_addresses_do_not_share_a_file(server: Server, tmp_path: Path) -> None:
    """Two addresses whose files are called the same keep them apart."""
    one, other = (fetch(Remote.of(f"{server.url}/weights.pth?v={n}"), tmp_path) for n in (1, 2))
    assert one != other


class _Watch:
    """Remembers what a progress bar would have shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def step(self, text: str) -> None:
        self.shown.append(text)

    def track(self, items: Sequence[T], text: str) -> Iterator[T]:
        self.shown.append(f"{len(items)} {text}")
        return iter(items)


def test_shows_progress(server: Server, tmp_path: Path) -> None:
    """A bar counts the megabytes."""
    watch = _Watch()
    fetch(Remote(f"{server.url}/weights.pth", "mine.pth"), tmp_path, watch)
    assert watch.shown == ["3 MiB of mine.pth"]


BAD = {
    "short.pth": "broke off after 2,000,000 of 2,560,000 bytes",
    "endless.pth": "has 1,000,000,000,000 bytes, more than 4,000,000,000",
    "missing.pth": "answers 404",
    "elsewhere.pth": "http://example.com/weights.pth is not an https address",
    "to-a-file.pth": "answers 302",
    "no-http.pth": "cannot download",
    f"weights.pth#sha256={'0' * 64}": "does not have the sha256 checksum 000000000000…",
    "weights.pth#md5=00000000": "does not have the md5 checksum 00000000…",
}


@pytest.mark.parametrize("name", BAD)
def test_nothing_stays_of_a_failed_download(server: Server, name: str, tmp_path: Path) -> None:
    """Each failure is told in a line, and the cache is as it was."""
    with pytest.raises(WeightsError) as caught:
        fetch(Remote.of(f"{server.url}/{name}"), tmp_path)
    assert BAD[name] in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_without_network_says_what_to_do(tmp_path: Path) -> None:
    """Where nobody listens, the hint names a file of one's own and random weights."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(WeightsError, match=r"cannot download http://127.0.0.1:.*refused") as caught:
        fetch(Remote.of(f"http://127.0.0.1:{port}/weights.pth"), tmp_path)
    assert "--weights PATH" in caught.value.hint
    assert "--weights untrained" in caught.value.hint


def test_official_weights_without_network(tmp_path: Path) -> None:
    """The official weights of both frameworks are asked for over https; a machine that is cut off says so."""
    code = (
        "from converters.image import torch_source, keras_source\n"
        "from converters.errors import WeightsError\n"
        "for source in (torch_source, keras_source):\n"
        "    try: source.locate('imagenet')\n"
        "    except WeightsError as error: print(error, '|', error.hint)\n"
    )
    # A proxy that nobody runs cuts this process off, whatever the machine can reach.
    cut_off = {"https_proxy": "http://127.0.0.1:9", "TORCH_HOME": str(tmp_path), "KERAS_HOME": str(tmp_path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env={**os.environ, **cut_off}, capture_output=True, text=True, check=True)
    torch_line, keras_line = done.stdout.splitlines()
    assert torch_line.startswith("cannot download https://download.pytorch.org/models/resnet152-f82ba261.pth: ")
    assert keras_line.startswith("cannot download https://storage.googleapis.com/tensorflow/keras-applications/resnet/")
    assert torch_line.endswith(OFFLINE_HINT)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


REFUSED = {
    "http://example.com/weights.pth": "http://example.com/weights.pth is not an https address",
    "http://127.0.0.1.example.com/weights.pth": "is not an https address",
    "ftp://example.com/weights.pth": "is not an https address",
    "file:///etc/passwd": "is not an https address",
    "https://me:secret@example.com/weights.pth": "https://example.com/weights.pth names a user",
    "https://[::1/weights.pth": "malformed",
    "https://example.com/weights.pth#sha256=xyz": "ends in #sha256=xyz, which is no checksum",
    "https://example.com/weights.pth#part-two": "ends in #part-two, which is no checksum",
    "http://example.com/weights.pth?token=secret": "http://example.com/weights.pth is not",
}


@pytest.mark.parametrize("address", REFUSED)
def test_refuses_unsafe_addresses(address: str) -> None:
    """Nothing but https, or http on this machine, is asked; passwords and tokens are not repeated."""
    with pytest.raises(WeightsError) as caught:
        Remote.of(address)
    assert REFUSED[address] in str(caught.value)
    assert "secret" not in str(caught.value)


def test_names_say_what_the_weights_are(tmp_path: Path) -> None:
    """Replies name the file without folders, and without the query in which tokens stand."""
    assert weights_file.name("/somewhere/mine.pth") == "mine.pth"
    assert weights_file.name("https://example.com/a/mine.pth?token=secret#sha256=00000000") == "mine.pth"
    assert weights_file.name("untrained") == "untrained"
    assert weights_file.locate("untrained", {}, tmp_path, None) is None
    assert weights_file.locate("somewhere/mine.pth", {}, tmp_path, None) == Path("somewhere/mine.pth")
