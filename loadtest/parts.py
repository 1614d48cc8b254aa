"""Tritons and gateways as processes of their own, each of which can be restarted while others serve."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from loadtest.errors import LoadTestError
from loadtest.processes import Server, free_ports, running
from loadtest.stack import HOST, is_ready

_START_TIMEOUT = 180.0  # seconds; large models are compiled and warmed up
_STOP_TIMEOUT = 30.0


@dataclass
class Part:
    """A process that can be replaced by another one like it, on the same port; gRPC for a Triton, else HTTP."""

    name: str
    port: int
    command: Sequence[str]
    ready: Callable[[Server], bool]
    environ: Mapping[str, str] = field(default_factory=dict)
    _running: ExitStack | None = None
    _server: Server | None = None

    @property
    def address(self) -> str:
        """Where it listens, as host:port."""
        return f"{HOST}:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it is ready. Raises LoadTestError."""
        self._running = ExitStack()
        server = self._server = self._running.enter_context(running(self.command, self.environ))
        server.wait(lambda: self.ready(server), _START_TIMEOUT)

    def restart(self) -> None:
        """Ask it to end, wait until it has, start it again. Raises LoadTestError, also when it ends with an error."""
        assert self._server is not None
        code = self._server.ended(_STOP_TIMEOUT)
        if code != 0:
            raise LoadTestError(f"{self.name} ended with exit code {code}", f"it printed:\n{self._server.printed()}")
        self.stop()
        self.start()

    def stop(self) -> None:
        """End it, and all that it started."""
        if self._running is not None:
            self._running.close()
            self._running = None


def triton(repository: Path, name: str) -> Part:
    """Return a Triton on free ports; `scoring serve` watches it."""
    grpc, http, metrics = free_ports(3)
    ports = ["--triton-grpc-port", grpc, "--triton-http-port", http, "--triton-metrics-port", metrics]
    command = [program(), "serve", "--model-repository", str(repository), "--triton-only", *map(str, ports)]
    return Part(name, grpc, command, lambda server: "Triton is ready" in server.printed())


def gateway(
    repository: Path, name: str, tritons: Sequence[Part], models: Sequence[str], start: Sequence[str] = ()
) -> Part:
    """Return a gateway on free ports that is ready when each of `models` answers; `start` is what runs it."""
    http, grpc = free_ports(2)
    url = ",".join(triton.address for triton in tritons)
    command = [*(start or [program(), "gateway"]), "--model-repository", str(repository), "--triton-url", url]
    ports = ["--port", str(http), "--grpc-port", str(grpc)]
    return Part(name, http, [*command, *ports], lambda _: all(is_ready(http, model) for model in models))


def program() -> str:
    """Return the `scoring` command of this environment."""
    return str(Path(sys.executable).with_name("scoring"))
