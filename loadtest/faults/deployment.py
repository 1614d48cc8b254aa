"""Two Tritons and two gateways as processes, each of which can be restarted while the others serve."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from loadtest.errors import LoadTestError
from loadtest.faults.balancers import CHECK_FAILS, CHECK_INTERVAL
from loadtest.processes import Server, free_ports, running
from loadtest.stack import HOST, is_ready

# After SIGTERM a gateway serves on until every balancer has noticed: one more look than is needed.
DRAIN_DELAY = CHECK_INTERVAL * (CHECK_FAILS + 2)
NOTICED = 2 * CHECK_INTERVAL  # seconds in which a balancer sees that a gateway is back
_START_TIMEOUT = 180.0  # seconds; large models are compiled and warmed up
_STOP_TIMEOUT = 30.0


@dataclass
class Part:
    """A process that can be replaced by another one like it, on the same ports."""

    name: str
    port: int
    command: Sequence[str]
    ready: Callable[[Server], bool]
    _running: ExitStack | None = None
    _server: Server | None = None

    def start(self) -> None:
        """Start it. Raises LoadTestError when it does not become ready."""
        self._running = ExitStack()
        server = self._server = self._running.enter_context(running(self.command))
        server.wait(lambda: self.ready(server), _START_TIMEOUT)

    def restart(self) -> None:
        """Ask it to end, wait until it has, start it again; return when a balancer has seen that it is back.

        Raises LoadTestError when it ends with an error.
        """
        assert self._server is not None
        code = self._server.ended(_STOP_TIMEOUT)
        if code != 0:
            raise LoadTestError(f"{self.name} ended with exit code {code}", f"it printed:\n{self._server.printed()}")
        self.stop()
        self.start()
        time.sleep(NOTICED)

    def stop(self) -> None:
        """End it, and all that it started."""
        if self._running is not None:
            self._running.close()
            self._running = None


@dataclass(frozen=True)
class Deployment:
    """Two of each."""

    tritons: Sequence[Part]
    gateways: Sequence[Part]

    @property
    def parts(self) -> list[Part]:
        """All of them, in the order in which a rollout replaces them."""
        return [*self.tritons, *self.gateways]

    @property
    def addresses(self) -> list[str]:
        """Where the gateways listen, as host:port."""
        return [f"{HOST}:{gateway.port}" for gateway in self.gateways]


@contextmanager
def deployed(repository: Path, models: Sequence[str]) -> Iterator[Deployment]:
    """Run two Tritons and two gateways in front of both while the context lasts. Raises LoadTestError."""
    with ExitStack() as stack:
        tritons = [_triton(repository, f"Triton {number}") for number in (1, 2)]
        gateways = [_gateway(repository, f"gateway {number}", tritons, models) for number in (1, 2)]
        for part in (*tritons, *gateways):
            stack.callback(part.stop)
            part.start()
        yield Deployment(tritons, gateways)


def _triton(repository: Path, name: str) -> Part:
    grpc, http, metrics = free_ports(3)
    ports = ["--triton-grpc-port", grpc, "--triton-http-port", http, "--triton-metrics-port", metrics]
    command = [*_scoring("serve", repository), "--triton-only", *map(str, ports)]
    return Part(name, grpc, command, lambda server: "Triton is ready" in server.printed())


def _gateway(repository: Path, name: str, tritons: Sequence[Part], models: Sequence[str]) -> Part:
    http, grpc = free_ports(2)
    url = ",".join(f"{HOST}:{triton.port}" for triton in tritons)
    flags = ["--port", http, "--grpc-port", grpc, "--triton-url", url, "--drain-delay", DRAIN_DELAY]
    command = [*_scoring("gateway", repository), *map(str, flags)]
    return Part(name, http, command, lambda _: all(is_ready(http, model) for model in models))


def _scoring(command: str, repository: Path) -> list[str]:
    program = str(Path(sys.executable).with_name("scoring"))
    return [program, command, "--model-repository", str(repository)]
