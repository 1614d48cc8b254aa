"""What a process takes of the machine."""

import os
import subprocess
import sys
from time import process_time, sleep

from loadtest.openloop.effort import Effort


def test_work_is_told_from_rest() -> None:
    """A process that counts is busier than one that sleeps."""
    effort, until = Effort(), process_time() + 0.2
    while process_time() < until:
        pass
    busy = effort.share().busy
    effort = Effort()
    sleep(0.2)
    assert effort.share().busy < busy


def test_process_that_shares_its_core_waits_for_it() -> None:
    """Beside another one that counts on the same core, it stands in the queue for a noticeable part of the time."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    rival = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        sleep(0.2)
        effort, until = Effort(), process_time() + 0.2
        while process_time() < until:
            pass
        assert effort.share().starved > 0.1
    finally:
        rival.kill()
        rival.wait()
        os.sched_setaffinity(0, cores)
