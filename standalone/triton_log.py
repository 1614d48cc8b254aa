"""Triton's log as an operator wants it: loaded models, warnings and errors, without tables and GPU complaints."""

import re
from dataclasses import dataclass

from standalone.console import Level

CANNOT_LOAD = "cannot load"  # what the text of an entry starts with that says why a model is not served

_LEVELS: dict[str, Level] = {"I": "info", "W": "warning", "E": "error", "F": "error"}
# 'E1123 07:00:01.117038 10159 server.cc:241] "text"', Triton's default log format
_LINE = re.compile(r"(?P<level>[IWEF])\d{4} [\d:.]+ \d+ (?P<file>[\w.]+):\d+\] +(?P<text>.*)")
_WANTED = ("successfully loaded '",)
_NOISE = (
    "CudaDriverHelper has not been initialized",  # GPUs are hidden from this server
    "failed to allocate pinned system memory",  # and pinned memory serves them alone
    "Exit timeout expired",  # a stub died; its supervisor knows and says so
)
_FAILED_LOAD = re.compile(r"failed to load '(?P<model>[^']+)' version (?P<version>\d+): (?P<reason>.+)", re.DOTALL)
# What the stub puts around the message of a Python exception: its class before, a traceback after.
_EXCEPTION_CLASS = re.compile(r"^(Internal: )?(\w+\.)*\w*(Error|Exception): ")
_TRACEBACK = re.compile(r"\s*At:\s.*", re.DOTALL)
_TRACEBACK_LINE = re.compile(r"At:|  [/<].*\(\d+\): \S+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line worth showing."""

    level: Level
    text: str


def read(line: str) -> Entry | None:
    """Return what an operator should see of a line of Triton's output, None for noise."""
    match = _LINE.fullmatch(line)
    if match is None:
        return _read_other(line)
    level = _LEVELS[match["level"]]
    text = _unquote(match["text"])
    if level == "info":
        return Entry(level, text) if text.startswith(_WANTED) else None
    if any(noise in text for noise in _NOISE):
        return None
    return _read_failed_load(text) or Entry(level, text)


def _read_other(line: str) -> Entry | None:
    # Tables, blank lines, "Signal (15) received." and what a stub prints of an exception that Triton reports too; what
    # else is there was printed by a backend.
    if not line.strip() or line.startswith(("+-", "| ", "Signal (", "ERROR: Failed to create instance: ")):
        return None
    if _TRACEBACK_LINE.fullmatch(line):
        return None
    return Entry("error" if line.startswith("error:") else "info", line)


def _read_failed_load(text: str) -> Entry | None:
    match = _FAILED_LOAD.fullmatch(text)
    if match is None:
        return None
    reason = _TRACEBACK.sub("", _EXCEPTION_CLASS.sub("", match["reason"]))
    return Entry("error", f"{CANNOT_LOAD} {match['model']} version {match['version']}: {reason}")


def _unquote(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = text[1:-1]
    return text.replace("\\n", "\n").replace('\\"', '"')
