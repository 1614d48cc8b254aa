"""The lines of the log: what a logging record may tell, as JSON or as text."""

import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import msgspec

_OURS = ("gateway", "preprocessing")
_MOST_PLACES = 12  # of a stack
_LONGEST = 2000  # characters of a message

# Messages of other libraries that are told as they are: fixed texts, or with numbers alone in them.
_HARMLESS = {
    ("uvicorn.error", "Invalid HTTP request received."),
    ("uvicorn.error", "Unsupported upgrade request."),
    ("uvicorn.error", "Exceeded concurrency limit."),
    ("uvicorn.error", "Cancel %s running task(s), timeout graceful shutdown exceeded"),
}
_WITHHELD = "(another library's message, withheld)"

_Exception = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


class LineFormatter(logging.Formatter):
    """Makes one line of a record.

    Our own messages are written to be read; those of other libraries may repeat what users or servers sent, and so may
    the text of any exception: of them the line says level, logger, type and place alone.
    """

    def __init__(self, *, json: bool) -> None:
        super().__init__()
        self._line = _as_json if json else _as_text

    def format(self, record: logging.LogRecord) -> str:
        return self._line(_facts(record))


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    facts = {"time": time, "level": record.levelname.lower(), "logger": record.name, "message": _message(record)}
    if facts["message"] == _WITHHELD:
        facts["place"] = f"{record.filename}:{record.lineno}"
    if record.exc_info and record.exc_info[0]:
        facts |= described(record.exc_info)
    return facts


def _message(record: logging.LogRecord) -> str:
    ours = record.name.split(".", 1)[0] in _OURS
    if ours or (record.name, record.msg) in _HARMLESS:
        return record.getMessage()[:_LONGEST]
    return _WITHHELD


def described(exception: _Exception) -> dict[str, Any]:
    """Return what may be told of an exception: its type, and the places that it passed, innermost last."""
    kind, _, trace = exception
    frames = traceback.extract_tb(trace)[-_MOST_PLACES:]
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.") if kind else ""
    return {"exception": name, "stack": [f"{each.filename}:{each.lineno} {each.name}" for each in frames]}


def _as_json(facts: dict[str, Any]) -> str:
    return msgspec.json.encode(facts).decode()


def _as_text(facts: dict[str, Any]) -> str:
    message = " ".join(facts["message"].split())  # one line, whatever is in it
    line = f"{facts['time']} {facts['level'].upper()} {facts['logger']}: {message}"
    if "place" in facts:
        line += f" at {facts['place']}"
    if "exception" in facts:
        line += f" [{facts['exception']} at {' < '.join(reversed(facts['stack']))}]"
    return line
