"""The gateway as a process of its own, as operators run it."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.gateway.fake_triton import FakeTriton

_WHERE = re.compile(rb'HTTP on ([^ ,"]+), gRPC on ([^ ,"\n]+)')


@asynccontextmanager
async def process(*flags: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m gateway` with its output on one pipe; killed at the end if it has not gone by itself."""
    command = [sys.executable, "-m", "gateway", *flags]
    child = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        await child.communicate()


async def addresses(child: asyncio.subprocess.Process) -> tuple[str, str]:
    """Wait for the line that says where the process listens; return HTTP's URL and gRPC's address."""
    assert child.stdout is not None
    async with asyncio.timeout(60):
        while not (where := _WHERE.search(line := await child.stdout.readline())):
            assert line, "the process ended without a word"
    return where[1].decode(), where[2].decode()


async def end(child: asyncio.subprocess.Process, number: int = signal.SIGTERM, *, within: float = 20) -> int:
    """Send a signal and return the exit code."""
    child.send_signal(number)
    return await asyncio.wait_for(child.wait(), within)


def flags(triton: FakeTriton, repository: Path) -> list[str]:
    """Flags for free ports."""
    ports = ["--port", "0", "--grpc-port", "0"]
    return [*ports, "--triton-url", triton.url, "--model-repository", str(repository)]
