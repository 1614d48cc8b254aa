"""Work on files that may be hostile, in a process of its own: what hangs, crashes or swells there harms nobody."""

import json
import resource
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from converters.errors import ConversionError

TIMEOUT = 600.0  # seconds; the largest files that ONNX allows take some of them


def ask(module: str, path: Path, *arguments: str, failure: type[ConversionError], timeout: float = TIMEOUT) -> Any:
    """Run `module` on a file and return its `reply`; raises `failure` when it refuses the file or does not end well."""
    command = [sys.executable, "-m", module, str(path.absolute()), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=timeout)
    except subprocess.TimeoutExpired as late:
        raise failure(f"{path.name} was not read within {timeout:.0f} s", hint="the file is damaged") from late
    try:
        answer = json.loads(done.stdout)
    except ValueError as broken:
        raise failure(
            f"reading {path.name} ended with {_ending(done)}", hint="the file is damaged, or too large for the memory"
        ) from broken
    if "error" in answer:
        raise failure(f"{path.name}: {answer['error']}", hint=answer["hint"])
    return answer["result"]


def reply(work: Callable[[], object], memory: int) -> None:
    """In that process, with at most `memory` bytes: print the result of `work`, or its ConversionError."""
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        answer: dict[str, object] = {"result": work()}
    except ConversionError as error:
        answer = {"error": str(error), "hint": error.hint}
    print(json.dumps(answer))


def _ending(done: "subprocess.CompletedProcess[bytes]") -> str:
    """The last line of a process, or what ended it."""
    if done.returncode < 0:
        return f"signal {-done.returncode}"
    return (done.stderr.decode(errors="replace").strip().splitlines() or [f"status {done.returncode}"])[-1]
