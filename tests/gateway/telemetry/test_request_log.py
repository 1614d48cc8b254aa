"""The line that each request leaves in the log."""

import json
import os
import re
from datetime import UTC, datetime

import pytest

from gateway.call import CLIENT_GONE, Call
from gateway.telemetry.log_writer import LogWriter
from gateway.telemetry.request_log import RequestLog
from tests.gateway.telemetry.made_calls import made_call, refused_call


def _line(call: Call, error: str = "", seconds: float = 1.0, *, json_lines: bool = True) -> str:
    read, write = os.pipe()
    writer = LogWriter(write)
    RequestLog(writer, json=json_lines).write(call, error, seconds)
    assert writer.flush(20)
    os.close(write)
    line = os.read(read, 65_536).decode()
    os.close(read)
    return line


def test_an_answered_request_says_who_what_and_how_long() -> None:
    """One line of JSON, all durations in milliseconds."""
    call = made_call()
    line = _line(call)
    assert line.count("\n") == 1
    told = json.loads(line)
    time = datetime.fromisoformat(told.pop("time"))
    assert abs((datetime.now(UTC) - time).total_seconds()) < 60
    assert told == {
        "level": "info",
        "trace_id": call.trace.trace_id.hex(),
        "span_id": call.trace.span_id.hex(),
        "protocol": "http",
        "method": "faq.match",
        "client": "shop",
        "status": 200,
        "error": "",
        "version": "4",
        "items": 2,
        "received": 70,
        "sent": 900,
        "read": 62.5,
        "decode": 125.0,
        "wait": 250.0,
        "infer": 500.0,
        "encode": 31.25,
        "total": 1000.0,
        "batch": 7,
    }


def test_a_refused_request_says_why() -> None:
    """Stages that it has not seen took no time."""
    told = json.loads(_line(refused_call(401, client=""), "unauthenticated", 0.0005))
    assert (told["status"], told["error"], told["client"]) == (401, "unauthenticated", "")
    assert (told["read"], told["infer"], told["batch"], told["total"]) == (0, 0, 0, 0.5)


@pytest.mark.parametrize(
    ("status", "level"),
    [
        (200, "info"),
        (429, "info"),
        (CLIENT_GONE, "info"),
        (503, "warning"),
        (504, "warning"),
        (500, "error"),
        (502, "error"),
    ],
)
def test_the_level_says_whether_somebody_must_act(status: int, level: str) -> None:
    """A client's mistakes are no warning, what passes is one, a fault is an error."""
    assert json.loads(_line(refused_call(status), "x"))["level"] == level


def test_names_cannot_break_a_line() -> None:
    """Quotes and line breaks in a client's name are escaped, and long ones cut."""
    name = 'a"b\n' + "x" * 1000
    for json_lines in (True, False):
        line = _line(made_call(client=name), json_lines=json_lines)
        assert line.count("\n") == 1
        assert len(line) < 1000
    assert json.loads(_line(made_call(client=name)))["client"] == name[:100]


def test_text_is_for_people() -> None:
    """The same facts, the important ones first."""
    line = _line(made_call(), json_lines=False)
    assert re.match(r"\d{4}-\d\d-\d\dT[\d:.]{12}Z INFO http faq.match 200 in 1000.0 ms, client shop, items 2, ", line)
    refused = _line(refused_call(401, client=""), "unauthenticated", 0.0005, json_lines=False)
    assert " INFO http faq.match 401 unauthenticated in 0.5 ms, client -, items 0, " in refused
