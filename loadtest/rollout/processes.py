"""The processes that stand for a pod's containers."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from loadtest.errors import LoadTestError

_LAST_LINES = 15
_TIDY = 4.0  # seconds in which a program can put away what it has left in the system, as Triton does


class Program(NamedTuple):
    """What a container runs: a command, and what its environment holds beyond this process' own."""

    command: Sequence[str]
    environ: Mapping[str, str]


class Container:
    """A running program, whose output goes to a file."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    @classmethod
    async def start(cls, program: Program, log: Path) -> "Container":
        """Start it, in a group of its own."""
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *program.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, **program.environ},
                start_new_session=True,
            )
        return cls(process, log)

    @property
    def exit_code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._process.returncode

    async def ended(self) -> int:
        """Wait for its end; return the exit code."""
        return await self._process.wait()

    def terminate(self) -> None:
        """Send SIGTERM to the program itself, as the kubelet does to a container's first process."""
        with suppress(ProcessLookupError):
            self._process.terminate()

    def kill(self) -> None:
        """Kill it and all that it started; harmless when it has ended."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def close(self) -> None:
        """Ask it to end, kill it and all that it started when it does not soon, and wait until it is gone."""
        self.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.ended(), _TIDY)
        self.kill()
        await self.ended()

    def last_words(self) -> str:
        """Return the end of what it printed."""
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:])


async def output(program: Program) -> str:
    """Run a program to its end; return what it printed on standard output. Raises LoadTestError when it fails."""
    process = await asyncio.create_subprocess_exec(
        *program.command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **program.environ},
    )
    out, err = await process.communicate()
    if process.returncode != 0:
        what = " ".join(program.command)
        raise LoadTestError(f"{what} ended with exit code {process.returncode}", f"it printed:\n{err.decode()}")
    return out.decode().strip()
