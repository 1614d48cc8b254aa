"""One child process with its descendants: starts it, hands its output on line by line, stops all of it."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from standalone.relay import Relay

_LONGEST_LINE = 65_536  # characters; a longer one becomes several
_DIE_WITH_PARENT = str(Path(__file__).with_name("die_with_parent.py"))


class Child:
    """A running command in its own process group.

    The kernel kills it when the *thread* that created it ends (PR_SET_PDEATHSIG, prctl(2)), so create it in a
    thread that outlives it. `on_line` gets each line of its output, from another thread.
    """

    def __init__(
        self,
        command: Sequence[str],
        on_line: Callable[[str], None],
        *,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        # Isolated, without site-packages: the shim starts in 15 ms.
        shim = [sys.executable, "-IS", _DIE_WITH_PARENT, str(os.getpid())]
        self._process = subprocess.Popen(
            [*shim, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environ,
            cwd=folder,
            # Its own session: Ctrl-C reaches the supervisor alone, and one signal reaches all descendants.
            start_new_session=True,
            text=True,
            errors="replace",
        )
        self._relay = Relay(on_line)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_code(self) -> int | None:
        """Return the exit code, negative for a signal's number; None while it runs."""
        return self._process.poll()

    def stop(self, grace: float, number: int = signal.SIGTERM) -> None:
        """End the command and its descendants: by signal `number`, then SIGKILL after `grace` seconds."""
        if self.exit_code() is None and grace > 0:
            self._process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(grace)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(timeout=1)  # what it said last is still told
        self._relay.close(timeout=1)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            while line := output.readline(_LONGEST_LINE):
                self._relay.put(line.rstrip("\n"))
