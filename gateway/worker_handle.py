"""A worker as its supervisor sees it: a process that beats, and can be told to end."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from time import monotonic


class WorkerHandle:
    """A running worker. Start it in the thread that is to outlive it: the kernel ends it together with that thread."""

    def __init__(self, process: asyncio.subprocess.Process, heartbeat: int) -> None:
        self.pid = process.pid
        self.ready = asyncio.Event()
        self._process = process
        self._heartbeat = heartbeat
        self._last = monotonic()
        asyncio.get_running_loop().add_reader(heartbeat, self._hear)

    @classmethod
    async def start(cls, number: int, folder: Path, environ: Mapping[str, str]) -> "WorkerHandle":
        """Start worker `number` of a run with this folder."""
        heartbeat, theirs = os.pipe()
        os.set_blocking(heartbeat, False)
        words = (number, folder, theirs, os.getpid())
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "gateway.worker_process",
                *map(str, words),
                stdin=asyncio.subprocess.DEVNULL,
                env=environ,
                pass_fds=[theirs],
                start_new_session=True,  # Ctrl-C at a terminal reaches the supervisor alone
            )
        except OSError:
            os.close(heartbeat)
            raise
        finally:
            os.close(theirs)
        return cls(process, heartbeat)

    def silence(self) -> float:
        """Return the seconds since the last beat, or since the start."""
        return monotonic() - self._last

    def send(self, number: int) -> None:
        """Send a signal; harmless when the process has ended."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    def kill(self) -> None:
        """End the process at once."""
        self.send(signal.SIGKILL)

    async def wait(self) -> int:
        """Return the exit code, negative for a signal's number, once the process has ended."""
        code = await self._process.wait()
        self._close()
        return code

    def _hear(self) -> None:
        if os.read(self._heartbeat, 4096):
            self._last = monotonic()
            self.ready.set()
        else:
            self._close()

    def _close(self) -> None:
        if self._heartbeat >= 0:
            asyncio.get_running_loop().remove_reader(self._heartbeat)
            os.close(self._heartbeat)
            self._heartbeat = -1
