"""Where the time of a request goes under load: by process, and within the gateway by stage."""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from loadtest import procfs
from loadtest.bench import OnStep
from loadtest.errors import LoadTestError
from loadtest.figures import Drive
from loadtest.inventory import GATEWAY, SUPERVISOR, processes
from loadtest.meter import Span
from loadtest.stack import Stack
from loadtest.stages import IDLE, by_stage

_SAMPLES_PER_SECOND = 250
_WARM_UP = 2.0  # seconds


@dataclass(frozen=True)
class Profile:
    """CPU time in microseconds for each request: of each process, and of each stage in the gateway."""

    requests_per_s: float
    processes: dict[str, float]
    stages: dict[str, float]

    def tables(self) -> list[Table]:
        """Return one table for the processes and one for the gateway's stages."""
        return [
            _table(f"CPU time by process; {self.requests_per_s:,.0f} requests/s", "process", self.processes),
            _table("CPU time within the gateway", "stage", self.stages),
        ]


def profile(stack: Stack, drive: Drive, seconds: float, on_step: OnStep) -> Profile:
    """Look at a running stack under load: once to account for CPU time, once to sample the gateway.

    Raises LoadTestError.
    """
    pids = processes(stack.server.pid)
    pids.pop(SUPERVISOR)  # it starts the others and waits
    on_step("accounting for CPU time", 1, 3)
    rate, used = _cpu_per_request(drive, pids, seconds)
    on_step("sampling the gateway", 2, 3)
    stages = by_stage(_sample(drive, pids[GATEWAY], seconds))
    stages.pop(IDLE, None)  # waiting takes no CPU time
    total = sum(stages.values())
    shares = {stage: used[GATEWAY] * count / total for stage, count in stages.most_common()}
    return Profile(rate, used, shares)


def _cpu_per_request(drive: Drive, pids: dict[str, int], seconds: float) -> tuple[float, dict[str, float]]:
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(drive, Span(_WARM_UP, seconds + 1))
        time.sleep(_WARM_UP + 0.5)
        before = {name: procfs.cpu_seconds(pid) for name, pid in pids.items()}
        time.sleep(seconds - 0.5)
        used = {name: procfs.cpu_seconds(pid) - before[name] for name, pid in pids.items()}
        rate = load.result().rate
    return rate, {name: each / (rate * (seconds - 0.5)) * 1e6 for name, each in used.items()}


def _sample(drive: Drive, pid: int, seconds: float) -> Counter[str]:
    """Return how often each stack (frames joined by semicolons) was seen on a thread that was not idle."""
    with ThreadPoolExecutor(1) as pool, tempfile.TemporaryDirectory(prefix="scoring-profile-") as folder:
        load = pool.submit(drive, Span(_WARM_UP, seconds + 1))
        time.sleep(_WARM_UP)
        raw = Path(folder) / "stacks"
        options = ["--pid", str(pid), "--duration", str(round(seconds)), "--rate", str(_SAMPLES_PER_SECOND)]
        # Sampling that stops the process, or reads compiled frames, halves its speed or worse and distorts the shares.
        command = [str(Path(sys.executable).with_name("py-spy")), "record", "--nonblocking", "--format", "raw"]
        try:
            done = subprocess.run(
                [*command, "--output", str(raw), *options], capture_output=True, text=True, check=False
            )
        except FileNotFoundError:
            raise LoadTestError("py-spy is not installed", "install it with: pip install py-spy") from None
        load.result()
        if done.returncode:
            raise LoadTestError(f"py-spy failed: {done.stderr.strip()[-300:]}", "it needs root or CAP_SYS_PTRACE")
        lines = (line.rpartition(" ") for line in raw.read_text(encoding="utf-8").splitlines())
        return Counter({stack: int(count) for stack, _, count in lines})


def _table(title: str, what: str, microseconds: dict[str, float]) -> Table:
    total = sum(microseconds.values())
    table = Table(title=title)
    table.add_column(what)
    table.add_column("µs per request", justify="right")
    table.add_column("share", justify="right")
    for name, value in microseconds.items():
        table.add_row(name, f"{value:.1f}", f"{value / total:.1%}")
    table.add_section()
    table.add_row("sum", f"{total:.1f}", "")
    return table
