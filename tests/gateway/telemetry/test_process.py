"""What the kernel says of a process."""

import os
import resource
import time

from gateway.telemetry.process import samples


def test_this_process_is_described() -> None:
    """Memory, time, start and open files are those that other sources name."""
    found = {name: each[0].value for name, each in samples(os.getpid()).items()}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    assert abs(found["process_cpu_seconds_total"] - usage.ru_utime - usage.ru_stime) < 1
    assert 1e6 < found["process_resident_memory_bytes"] <= found["process_virtual_memory_bytes"]
    assert time.time() - 86_400 < found["process_start_time_seconds"] <= time.time() + 1
    assert 3 <= found["process_open_fds"] <= found["process_max_fds"]


def test_a_process_that_has_ended_is_not_described() -> None:
    """Whoever asks for it gets nothing."""
    assert samples(2**22 + 1) == {}  # above the kernel's largest process id
