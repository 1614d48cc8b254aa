"""The product and its peer as processes on this machine, and where they listen."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import msgspec

from loadtest.errors import LoadTestError
from loadtest.processes import Server, free_ports, running

HOST = "127.0.0.1"
MODEL = "faq_matcher"
MATCH_PATH = "/v1/faq/match"
PEER_WORKERS = 2
_START_TIMEOUT = 90.0  # seconds


@dataclass(frozen=True)
class Stack:
    """A running `scoring serve`; `folder` holds the model version that answers."""

    server: Server
    http_port: int
    grpc_port: int
    triton_port: int
    folder: Path
    triton_version: str


@dataclass(frozen=True)
class Peer:
    """A running peer."""

    server: Server
    port: int


@contextmanager
def product(repository: Path) -> Iterator[Stack]:
    """Run the whole stack on free ports while the context lasts. Raises LoadTestError."""
    names = ("--port", "--grpc-port", "--triton-grpc-port", "--triton-http-port", "--triton-metrics-port")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    flags = [str(word) for flag in ports.items() for word in flag]
    command = [str(Path(sys.executable).with_name("scoring")), "serve", "--model-repository", str(repository), *flags]
    with running(command) as server:
        server.wait(lambda: _ready(ports["--port"]), _START_TIMEOUT)
        version = get_json(ports["--port"], "/v1/models")["models"][0]["version"]
        triton = get_json(ports["--triton-http-port"], "/v2")["version"]
        folder = repository / MODEL / version
        yield Stack(server, ports["--port"], ports["--grpc-port"], ports["--triton-grpc-port"], folder, triton)


@contextmanager
def fastapi_peer(folder: Path) -> Iterator[Peer]:
    """Run the FastAPI peer on a model version's folder while the context lasts. Raises LoadTestError."""
    (port,) = free_ports(1)
    app = "loadtest.peers.fastapi_onnxruntime:app"
    flags = ["--host", HOST, "--port", str(port), "--workers", str(PEER_WORKERS), "--no-access-log"]
    with running([sys.executable, "-m", "uvicorn", app, *flags], {"MODEL_FOLDER": str(folder)}) as server:
        # One worker that listens would do to get an answer; all of them are to be measured.
        server.wait(lambda: server.printed().count("startup complete") == PEER_WORKERS, _START_TIMEOUT)
        yield Peer(server, port)


def get_json(port: int, path: str) -> Any:
    """Return the JSON document at a path of a local server. Raises OSError."""
    with urlopen(f"http://{HOST}:{port}{path}", timeout=5) as reply:
        return msgspec.json.decode(reply.read())


def check_published(repository: Path) -> None:
    """Raise LoadTestError when the repository holds no version of the model."""
    if not list((repository / MODEL).glob("[0-9]*/model.onnx")):
        raise LoadTestError(f"{repository} holds no version of {MODEL}", "publish one with: scoring convert faq")


def _ready(port: int) -> bool:
    try:
        get_json(port, "/readyz")
    except OSError:
        return False
    return True
