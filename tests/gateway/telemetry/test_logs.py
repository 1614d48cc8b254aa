"""The log of a real process: one line for everything, and nothing that a stranger wrote."""

import json
import subprocess
import sys

import pytest

SECRET = "canary-5c1f"
SET_UP = """
import asyncio, gc, logging, sys, threading, warnings
from gateway.settings import Settings
from gateway.telemetry.logs import set_up_logging
set_up_logging(Settings(log_format=sys.argv[1]))
SECRET = sys.argv[2]
def fail():
    raise ValueError(SECRET)
"""
LOST_TASK = """
async def main():
    task = asyncio.create_task(later())
    await asyncio.sleep(0.01)
    del task
    gc.collect()
async def later():
    fail()
asyncio.run(main())
"""


def _log(script: str, log_format: str = "json") -> str:
    command = [sys.executable, "-c", SET_UP + script, log_format, SECRET]
    return subprocess.run(command, stderr=subprocess.PIPE, check=False, timeout=60).stderr.decode()


def _lines(script: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in _log(script).splitlines()]


def test_our_messages_are_told() -> None:
    """Level, logger, message and time."""
    (line,) = _lines("logging.getLogger('gateway.server').info('HTTP on %s', 'http://x')")
    assert str(line.pop("time")).endswith("Z")
    assert line == {"level": "info", "logger": "gateway.server", "message": "HTTP on http://x"}


def test_strangers_messages_are_withheld() -> None:
    """Only where they come from is told, and nothing at all of what is no warning."""
    (line,) = _lines(
        "logging.getLogger('uvicorn.error').info('hello %s', SECRET)\n"
        "logging.getLogger('uvicorn.error').warning(f'bad header {SECRET}')"
    )
    assert SECRET not in json.dumps(line)
    assert (line["level"], line["logger"]) == ("warning", "uvicorn.error")
    assert line["place"] == "<string>:10"


def test_a_name_that_only_begins_like_ours_is_a_strangers() -> None:
    """A package is ours, not a prefix."""
    (line,) = _lines("logging.getLogger('gateway_of_others').warning(SECRET)")
    assert SECRET not in json.dumps(line)


def test_harmless_messages_are_told() -> None:
    """Fixed texts that help."""
    (line,) = _lines("logging.getLogger('uvicorn.error').warning('Invalid HTTP request received.')")
    assert line["message"] == "Invalid HTTP request received."


@pytest.mark.parametrize(
    ("script", "logger"),
    [
        ("try: fail()\nexcept ValueError: logging.getLogger('gateway.x').exception('broken')", "gateway.x"),
        ("try: fail()\nexcept ValueError: logging.getLogger('grpc').exception(SECRET)", "grpc"),
        ("fail()", "gateway"),
        ("thread = threading.Thread(target=fail); thread.start(); thread.join()", "gateway"),
        ("class Odd:\n    def __del__(self): fail()\nOdd()", "gateway"),
        (
            LOST_TASK,
            "asyncio",
        ),
    ],
    ids=["ours", "a strangers", "uncaught", "thread", "finaliser", "task"],
)
def test_an_exception_is_told_by_type_and_place(script: str, logger: str) -> None:
    """Its text may repeat what somebody sent."""
    (line,) = _lines(script)
    assert SECRET not in json.dumps(line)
    assert (line["logger"], line["exception"]) == (logger, "ValueError")
    assert isinstance(line["stack"], list)
    assert line["stack"][-1] == "<string>:8 fail"


def test_warnings_are_lines_too() -> None:
    """Python would print them with their text."""
    (line,) = _lines("warnings.warn(SECRET, UserWarning)")
    assert SECRET not in json.dumps(line)
    assert line["logger"] == "py.warnings"


def test_a_message_that_cannot_be_made_is_told_of() -> None:
    """Without its arguments."""
    (line,) = _lines("logging.getLogger('gateway').warning('%d', SECRET)")
    assert SECRET not in json.dumps(line)
    assert "TypeError" in str(line["message"])


def test_text_has_one_line_for_each_record() -> None:
    """Whatever is in it."""
    log = _log(
        "logging.getLogger('gateway').warning('one\\ntwo')\nlogging.getLogger('other').error(SECRET)\nfail()",
        "text",
    )
    first, second, third = log.splitlines()
    assert first.endswith(" WARNING gateway: one two")
    assert "ERROR other: (another library's message, withheld) at <string>:10" in second
    assert third.endswith("CRITICAL gateway: uncaught exception [ValueError at <string>:8 fail < <string>:11 <module>]")
    assert SECRET not in log


def test_the_last_line_of_a_crash_is_written() -> None:
    """A process that ends by an error has said so."""
    assert len(_lines("logging.getLogger('gateway').info('begin')\nfail()")) == 2
