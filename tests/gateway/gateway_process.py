"""A gateway in a process of its own, so that its memory can be watched and its death would be seen."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx

MIB = 1 << 20


class GatewayProcess:
    """A running gateway, and what it uses of the machine."""

    def __init__(self, child: asyncio.subprocess.Process, log: Path, http: str, grpc: str) -> None:
        self._child = child
        self.log = log
        self.http = http
        self.grpc = grpc

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._child.returncode is None

    def memory(self) -> int:
        """Return the bytes of memory that are resident."""
        return self._status("VmRSS")

    def peak(self) -> int:
        """Return the most bytes of memory that were ever resident since `forget_peak`."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        """Count the peak from now on (proc(5), clear_refs)."""
        Path(f"/proc/{self._child.pid}/clear_refs").write_text("5")

    def workers(self) -> list[int]:
        """Return the ids of its child processes."""
        children = Path(f"/proc/{self._child.pid}/task/{self._child.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def files(self) -> int:
        """Return how many files and sockets are open."""
        return len(os.listdir(f"/proc/{self._child.pid}/fd"))  # noqa: PTH208 - no path is made of them

    def _status(self, name: str) -> int:
        lines = Path(f"/proc/{self._child.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


@asynccontextmanager
async def gateway_process(log: Path, module: str = "gateway", **settings: object) -> AsyncIterator[GatewayProcess]:
    """Start a gateway with these settings on free ports, its output in a file; kill it at the end."""
    http, grpc = free_ports()
    given = {"port": http, "grpc_port": grpc, "log_requests": "none", **settings}
    environment = {f"SCORING_{name.upper()}": str(value) for name, value in given.items()}
    with log.open("wb") as output:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, stdout=output, stderr=output, env={**os.environ, **environment}
        )
    process = GatewayProcess(child, log, f"127.0.0.1:{http}", f"127.0.0.1:{grpc}")
    try:
        await _started(process)
        yield process
    finally:
        if process.alive:
            child.kill()
        await child.wait()


async def _started(process: GatewayProcess) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient(base_url=f"http://{process.http}", trust_env=False) as client:
        while True:
            assert process.alive, "the gateway ended before it served"
            try:
                if (await client.get("/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


def free_ports() -> tuple[int, int]:
    """Return two ports that nobody listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as one, closing(socket.create_server(("127.0.0.1", 0))) as two:
        return one.getsockname()[1], two.getsockname()[1]
