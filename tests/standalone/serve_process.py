"""A running `scoring serve`, as its operator sees it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from standalone import processes
from standalone.ports import fill_in, is_listening
from standalone.run_folder import NAME_PREFIX, SHARED_MEMORY


class Serve:
    """A running `scoring serve` with what it says and what it started."""

    def __init__(self, repository: Path, temporary: Path, *options: str) -> None:
        names = ("--port", "--grpc-port", "--triton-grpc-port", "--triton-http-port", "--triton-metrics-port")
        self.ports = fill_in(dict.fromkeys(names, 0))
        flags = [f"{flag}={port}" for flag, port in self.ports.items()]
        self._process = subprocess.Popen(
            [Path(sys.executable).with_name("scoring"), "serve", *flags, *options],
            env={**os.environ, "SCORING_MODEL_REPOSITORY": str(repository), "TMPDIR": str(temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.output = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self._seen: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def says(self, text: str, times: int = 1) -> None:
        """Wait until the output holds a text so many times."""
        wait_for(lambda: self.output.count(text) >= times, lambda: f"{text!r} in:\n{self.output}")

    def child(self, command: str) -> int:
        """Return the id of the descendant whose command line holds a text."""
        (found,) = [pid for pid in self.descendants() if command in _command_line(pid)]
        return found

    def descendants(self) -> list[int]:
        """Return the ids of all processes that were started, and remember them."""
        direct = processes.children(self._process.pid)
        found = direct + [grandchild for child in direct for grandchild in processes.children(child)]
        self._seen.update(found)
        return found

    def send(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        self.descendants()
        self._process.send_signal(number)
        return self._process.wait(timeout=10)

    def left(self) -> list[int]:
        """Return the processes seen before that still run, and the ports that still listen."""
        alive = [pid for pid in self._seen if processes.is_alive(pid)]
        return alive + [port for port in self.ports.values() if is_listening(port)]

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            for line in stream:
                self.output += line


def _command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def wait_for(condition: Callable[[], object], what: Callable[[], str]) -> None:
    """Wait half a minute at most."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what()}"
        time.sleep(0.05)


def shared_memory(temporary: Path) -> set[str]:
    """Return the shared-memory files of the runs in a folder for temporary files."""
    runs = tuple(path.name for path in temporary.glob(NAME_PREFIX + "*"))
    return {path.name for path in SHARED_MEMORY.iterdir() if path.name.startswith(runs)} if runs else set()
