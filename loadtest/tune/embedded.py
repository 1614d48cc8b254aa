"""A Triton of our own for one model, started as users start it, that lets clients load configs."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from loadtest.processes import free_ports, running
from loadtest.stack import HOST
from loadtest.tune.cores import confined

_START_TIMEOUT = 180.0  # seconds; a large model is compiled and warmed up
_READY = "Triton is ready"
_PORTS = ("--triton-grpc-port", "--triton-http-port", "--triton-metrics-port")


@contextmanager
def embedded(model: Path, config: str, cores: frozenset[int]) -> Iterator[str]:
    """Serve a model's folder on some cores while the context lasts; yields the gRPC address. Raises LoadTestError.

    `config` as for `scoring serve --model-config-name`.
    """
    ports = free_ports(len(_PORTS))
    with ExitStack() as stack:
        repository = stack.enter_context(TemporaryDirectory(prefix="scoring-tune-"))
        # Other models of the repository would be served, and watched, on the same cores.
        (Path(repository) / model.name).symlink_to(model.resolve())
        with confined(cores):  # what it starts stays there
            server = stack.enter_context(running(_command(repository, config, len(cores), ports)))
        server.wait(lambda: _READY in server.printed(), _START_TIMEOUT)
        yield f"{HOST}:{ports[0]}"


def _command(repository: str, config: str, cores: int, ports: list[int]) -> list[str]:
    scoring = str(Path(sys.executable).with_name("scoring"))
    flags = ["--model-repository", repository, "--model-config-name", config, "--engine-cores", str(cores)]
    listening = [str(word) for pair in zip(_PORTS, ports, strict=True) for word in pair]
    return [scoring, "serve", "--triton-only", "--model-control", *flags, *listening]
