"""The product's processes on this machine, by name."""

import re

from loadtest import procfs
from loadtest.report import ProcessMemory

GATEWAY, TRITON, SUPERVISOR = "gateway", "Triton", "supervisor"
# What tells processes apart on their command lines; the first that fits counts.
_MARKS = {GATEWAY: "-m gateway", TRITON: "bin/tritonserver"}
# Triton's stub is told the name of its model instance: `faq_matcher_0_0` (model, place, device).
_STUB = re.compile(r"triton_python_backend_stub .* (\w+?)_\d+_\d+ ")


def processes(root: int) -> dict[str, int]:
    """Return the ids of the processes of `scoring serve`, whose own id is `root`."""
    found = {SUPERVISOR: root}
    for pid in procfs.descendants(root):
        name = name_of(procfs.command_line(pid))
        if name:
            found.setdefault(name, pid)
    return found


def name_of(command: str) -> str | None:
    """Return the name of the process with this command line, None for one that is none of ours."""
    stub = _STUB.search(command)
    if stub:
        return backend(stub[1])
    return next((name for name, mark in _MARKS.items() if mark in command), None)


def backend(model: str) -> str:
    """Return the name of the process that runs a model."""
    return f"backend of {model}"


def memory(root: int) -> list[ProcessMemory]:
    """Return what each process of `scoring serve` has in memory now."""
    return [
        ProcessMemory(name, *(round(size / 1e6, 1) for size in procfs.memory(pid)))
        for name, pid in processes(root).items()
    ]
