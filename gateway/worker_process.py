"""The program of one of several workers: `python -m gateway.worker_process NUMBER FOLDER HEARTBEAT PARENT`.

Settings come in the environment. HEARTBEAT is the descriptor of a pipe: the first byte says that requests are
accepted, and one follows every second as long as the event loop turns.
"""

import asyncio
import ctypes
import os
import signal
import sys
from pathlib import Path

from gateway.listening import AddressError
from gateway.process import run_here
from gateway.settings import Settings, SettingsError
from gateway.telemetry.logs import set_up_logging
from gateway.worker import Worker

PERIOD = 1.0  # seconds between two beats

_PR_SET_PDEATHSIG = 1  # prctl(2)


def main(number: int, folder: Path, heartbeat: int, parent: int) -> None:
    """Serve until told to stop; the kernel ends this process with its parent."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the request was in force
        sys.exit(1)
    os.set_blocking(heartbeat, False)
    try:
        settings = Settings.from_env(os.environ)
        set_up_logging(settings)
        run_here(settings, Worker(number, folder), lambda _addresses: _beat(heartbeat))
    except (SettingsError, AddressError) as error:
        sys.exit(_refuse(error))


def _beat(heartbeat: int) -> None:
    try:
        os.write(heartbeat, b".")
    except BlockingIOError:
        pass  # the parent is slow to read; it has enough to go by
    except BrokenPipeError:
        return
    asyncio.get_running_loop().call_later(PERIOD, _beat, heartbeat)


def _refuse(error: Exception) -> int:
    print(f"scoring gateway: {error}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
