"""What is done to a running `scoring serve`."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from loadtest import procfs
from loadtest.errors import LoadTestError
from loadtest.inventory import GATEWAY, TRITON, processes

STOPPED = 10.0  # seconds


@dataclass(frozen=True)
class Fault:
    """`strike` gets the id of the process of `scoring serve`, and returns when the fault is over.

    `lossless`: not a single request may be lost over it.
    """

    name: str
    what: str
    strike: Callable[[int], None]
    lossless: bool = False


def kill_triton(root: int) -> None:
    """Kill Triton; its backends' processes go with it."""
    os.kill(processes(root)[TRITON], signal.SIGKILL)


def stop_triton(root: int) -> None:
    """Let Triton and its backends stand still for a while: connections stay open, nothing is answered."""
    triton = processes(root)[TRITON]
    with standing_still([triton, *procfs.descendants(triton)]):
        time.sleep(STOPPED)


def kill_worker(root: int) -> None:
    """Kill one of the gateway's worker processes, with all requests that it holds."""
    workers = worker_processes(root)
    if len(workers) < 2:
        raise LoadTestError(f"the gateway has {len(workers)} workers", "it is started with SCORING_WORKERS=2")
    os.kill(workers[0], signal.SIGKILL)


def worker_processes(root: int) -> list[int]:
    """Return the processes of the gateway that answer requests."""
    return [pid for pid in procfs.descendants(processes(root)[GATEWAY]) if "gateway" in procfs.command_line(pid)]


@contextmanager
def standing_still(pids: Sequence[int]) -> Iterator[None]:
    """Let processes stand still while the context lasts; whoever watches over them may replace them meanwhile."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


FAULTS = (
    Fault("Triton killed", "kill -9; `scoring serve` starts it again", kill_triton),
    Fault("Triton stopped", f"SIGSTOP, SIGCONT {STOPPED:g} s later", stop_triton),
    Fault("gateway worker killed", "kill -9 of one of two; its supervisor starts another", kill_worker),
)
