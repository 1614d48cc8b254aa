"""The product and its peers as processes on this machine, and where they listen."""

import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.request import urlopen

import grpc
import msgspec

from loadtest.errors import LoadTestError
from loadtest.processes import Server, free_ports, running

T = TypeVar("T")
HOST = "127.0.0.1"
PEER_WORKERS = 2
_START_TIMEOUT = 180.0  # seconds; large models are compiled and warmed up


@dataclass(frozen=True)
class Stack:
    """A running `scoring serve`; `folders` holds the folder of the version that answers, by model."""

    server: Server
    http_port: int
    grpc_port: int
    triton_port: int
    folders: Mapping[str, Path]
    triton_version: str

    @property
    def grpc_address(self) -> str:
        """Where the gateway listens for gRPC."""
        return f"{HOST}:{self.grpc_port}"

    @property
    def triton_address(self) -> str:
        """Where Triton listens for gRPC."""
        return f"{HOST}:{self.triton_port}"


@dataclass(frozen=True)
class Peer:
    """A running peer."""

    server: Server
    port: int


@contextmanager
def product(
    repository: Path, models: Sequence[str], flags: Sequence[str] = (), environ: Mapping[str, str] | None = None
) -> Iterator[Stack]:
    """Run the whole stack on free ports while the context lasts; each of `models` answers. Raises LoadTestError."""
    names = ("--port", "--grpc-port", "--triton-grpc-port", "--triton-http-port", "--triton-metrics-port")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    listening = [str(word) for flag in ports.items() for word in flag]
    command = [str(Path(sys.executable).with_name("scoring")), "serve", "--model-repository", str(repository)]
    with running([*command, *flags, *listening], environ) as server:
        server.wait(lambda: all(is_ready(ports["--port"], model) for model in models), _START_TIMEOUT)
        known = get_json(ports["--port"], "/v1/models")["models"]
        yield Stack(
            server,
            ports["--port"],
            ports["--grpc-port"],
            ports["--triton-grpc-port"],
            {each["name"]: repository / each["name"] / str(each["version"]) for each in known if each["version"]},
            get_json(ports["--triton-http-port"], "/v2")["version"],
        )


@contextmanager
def peer(module: str, folder: Path) -> Iterator[Peer]:
    """Run a module of loadtest.peers on a model version's folder while the context lasts. Raises LoadTestError."""
    (port,) = free_ports(1)
    flags = ["--host", HOST, "--port", str(port), "--workers", str(PEER_WORKERS), "--no-access-log"]
    command = [sys.executable, "-m", "uvicorn", f"loadtest.peers.{module}:app", *flags]
    with running(command, {"MODEL_FOLDER": str(folder)}) as server:
        # One worker that listens would do to get an answer; all of them are to be measured.
        server.wait(lambda: server.printed().count("startup complete") == PEER_WORKERS, _START_TIMEOUT)
        yield Peer(server, port)


@contextmanager
def design_2019(module: str, workers: int, flags: Sequence[str], environ: Mapping[str, str]) -> Iterator[Peer]:
    """Run a Flask module of loadtest.peers under gunicorn while the context lasts. Raises LoadTestError."""
    (port,) = free_ports(1)
    serving = ["--bind", f"{HOST}:{port}", "--workers", str(workers), "--worker-class", "gthread", "--threads", "1"]
    kept = ["--keep-alive", "60", "--timeout", str(round(_START_TIMEOUT)), "--no-control-socket"]
    command = [sys.executable, "-m", "gunicorn", *serving, *kept, *flags, f"loadtest.peers.{module}:app"]
    with running(command, environ) as server:
        server.wait(lambda: server.printed().count("Booting worker") == workers and answers(port), _START_TIMEOUT)
        yield Peer(server, port)


def answered(name: str, ask: Callable[[], T]) -> T:
    """Return what a service answers, the first time that it is asked. Raises LoadTestError when it does not."""
    try:
        return ask()
    except (OSError, grpc.RpcError) as error:
        what = error.details() if isinstance(error, grpc.Call) else error
        if isinstance(error, HTTPError):
            error.close()
        raise LoadTestError(f"{name} does not answer: {what}", "start it alone and look at its log") from None


def get_json(port: int, path: str) -> Any:
    """Return the JSON document at a path of a local server. Raises OSError."""
    with urlopen(f"http://{HOST}:{port}{path}", timeout=5) as reply:
        return msgspec.json.decode(reply.read())


def check_published(repository: Path, model: str, hint: str) -> None:
    """Raise LoadTestError when the repository holds no version of the model."""
    if not is_published(repository, model):
        raise LoadTestError(f"{repository} holds no version of {model}", hint)


def is_published(repository: Path, model: str) -> bool:
    """Whether the repository holds a version of the model."""
    return any(_versions(repository, model))


def published(repository: Path, model: str) -> Path:
    """Return the folder of the newest version, the one that is served; there must be one."""
    return max(_versions(repository, model), key=lambda folder: int(folder.name))


def _versions(repository: Path, model: str) -> Iterator[Path]:
    return (file.parent for file in (repository / model).glob("[0-9]*/model.onnx"))


def answers(port: int) -> bool:
    """Whether a service on a port of this machine has a JSON document at its root."""
    try:
        get_json(port, "/")
    except OSError:
        return False
    return True


def is_ready(port: int, model: str) -> bool:
    """Whether the gateway on a port of this machine answers for the model."""
    try:
        get_json(port, f"/readyz?model={model}")
    except OSError:
        return False
    return True


def is_listening(port: int) -> bool:
    """Whether somebody listens on a port of the loopback address."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
