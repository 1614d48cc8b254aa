"""Servers under test, started as their users start them: as processes, and always stopped."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from loadtest.errors import LoadTestError

_GRACE = 10.0  # seconds between SIGTERM and SIGKILL
_POLL = 0.05


class Server:
    """A running process and what it has printed so far."""

    def __init__(self, command: Sequence[str], log: Path, environ: Mapping[str, str]) -> None:
        self.command = list(command)
        self._log = log
        with log.open("wb") as output:
            # A session of its own: Ctrl-C goes to this process alone, which then stops its servers in order.
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environ},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The id of the process that was started, the parent of all others."""
        return self._process.pid

    def printed(self) -> str:
        """Return what the process has printed."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait(self, is_ready: Callable[[], bool], timeout: float) -> None:
        """Return when it is ready. Raises LoadTestError when the process ends or takes longer than `timeout` s."""
        until = time.monotonic() + timeout
        while not is_ready():
            code = self._process.poll()
            if code is not None or time.monotonic() > until:
                what = f"was not ready after {timeout:g} s" if code is None else f"ended with exit code {code}"
                tail = "\n".join(self.printed().splitlines()[-15:])
                raise LoadTestError(f"{' '.join(self.command)} {what}", f"it printed:\n{tail}")
            time.sleep(_POLL)

    def ended(self, timeout: float) -> int | None:
        """Ask the process to end; return its exit code, None when it has not ended after `timeout` s."""
        self._process.terminate()
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """End the process, and with it all that it started."""
        if self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
        with suppress(ProcessLookupError):  # what outlives its parent is in the same group
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextmanager
def running(command: Sequence[str], environ: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run a command while the context lasts."""
    with tempfile.TemporaryDirectory(prefix="scoring-bench-") as folder:
        server = Server(command, Path(folder) / "log", environ or {})
        try:
            yield server
        finally:
            server.stop()


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback address that nobody listens on."""
    with_ports = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in with_ports]
    for each in with_ports:
        each.close()
    return ports
