"""The cluster's edge: haproxy, which sends requests to the gateways that are endpoints, and asks nobody how they are.

It makes no request a second time: what is lost on the way counts as lost, however forgiving the edge of a real cluster
may be.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from loadtest.errors import LoadTestError
from loadtest.faults.balancers import HAPROXY
from loadtest.processes import free_ports
from loadtest.rollout.processes import Container, Program
from loadtest.stack import HOST, is_listening

_START_TIMEOUT, _POLL = 10.0, 0.05  # seconds
_HTTP, _GRPC = "http", "grpc"


class Edge:
    """A running haproxy and its two ports."""

    def __init__(self, http_port: int, grpc_port: int, servers: Mapping[str, str], control: Path) -> None:
        self.http_port = http_port
        self.grpc_port = grpc_port
        self._servers = servers
        self._control = control
        self._in_use = frozenset[str]()
        self._orders: asyncio.Queue[frozenset[str]] = asyncio.Queue()

    def set(self, addresses: frozenset[str]) -> None:
        """Send requests to these addresses, and no new ones to any other."""
        self._orders.put_nowait(addresses)

    async def obey(self) -> None:
        """Do what was ordered, for ever."""
        while True:
            addresses = await self._orders.get()
            states = dict.fromkeys(addresses - self._in_use, "ready")
            states |= dict.fromkeys(self._in_use - addresses, "maint")
            for address, state in states.items():
                for backend in (_HTTP, _GRPC):
                    await self._say(f"set server {backend}/{self._servers[address]} state {state}")
            self._in_use = addresses

    async def _say(self, command: str) -> None:
        reader, writer = await asyncio.open_unix_connection(self._control)
        writer.write(f"{command}\n".encode())
        answer = (await reader.read()).decode().strip()
        writer.close()
        if answer:
            raise LoadTestError(f"haproxy does not {command}: {answer}", "see its version: 2.4 or newer is needed")


@asynccontextmanager
async def edge(folder: Path, addresses: Sequence[str], ports: Mapping[str, int]) -> AsyncIterator[Edge]:
    """Run haproxy before gateways that may come to be at these addresses, with ports http and grpc.

    Raises LoadTestError.
    """
    program = HAPROXY.found()
    if program is None:
        raise LoadTestError("haproxy is not installed", "apt-get install haproxy")
    http_port, grpc_port = free_ports(2)
    servers = {address: f"pod{place}" for place, address in enumerate(addresses)}
    control, config = folder / "haproxy.sock", folder / "haproxy.cfg"
    listening = {_HTTP: (http_port, ports["http"], ""), _GRPC: (grpc_port, ports["grpc"], " proto h2")}
    config.write_text(_configuration(control, listening, servers), encoding="ascii")
    server = await Container.start(Program([program, "-db", "-f", str(config)], {}), folder / "haproxy.log")
    running = Edge(http_port, grpc_port, servers, control)
    obeying = asyncio.create_task(running.obey())
    try:
        await _started(server, running)
        yield running
        if obeying.done():
            await obeying
    finally:
        obeying.cancel()
        await server.close()


async def _started(server: Container, edge: Edge) -> None:
    try:
        async with asyncio.timeout(_START_TIMEOUT):
            while not (is_listening(edge.http_port) and is_listening(edge.grpc_port)):
                if server.exit_code is not None:
                    raise TimeoutError
                await asyncio.sleep(_POLL)
    except TimeoutError:
        raise LoadTestError("haproxy does not start", f"it printed:\n{server.last_words()}") from None


def _configuration(control: Path, listening: Mapping[str, tuple[int, int, str]], servers: Mapping[str, str]) -> str:
    parts = [
        f"""\
frontend {name}_public
  bind {HOST}:{port}{protocol}
  default_backend {name}
backend {name}
  balance leastconn
  default-server disabled{protocol}
{_servers(servers, target)}
"""
        for name, (port, target, protocol) in listening.items()
    ]
    return f"""\
global
  stats socket {control} level admin
defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 60s
  retries 0
{"".join(parts)}"""


def _servers(servers: Mapping[str, str], port: int) -> str:
    return "\n".join(f"  server {name} {address}:{port}" for address, name in servers.items())
