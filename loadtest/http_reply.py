"""Reads HTTP/1.1 replies as far as a load generator needs them: status, end, and whether the connection stays open."""

import re
from typing import NamedTuple

_HEAD_END = b"\r\n\r\n"
# Searched for in heads made lower case: names of headers come in any, and that is faster than patterns that allow it.
_STATUS = re.compile(rb"http/1\.1 (\d{3})[ \r]")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)")
_CLOSE = re.compile(rb"\r\nconnection:[ \t]*close")
_TIMING = re.compile(rb"\r\nserver-timing:[ \t]*([^\r]+)")


class FramingError(Exception):
    """The reply does not announce its length, or is longer: where the next one begins cannot be told."""


class Reply(NamedTuple):
    """A complete reply; `last` says that the server closes the connection behind it, `timing` is its Server-Timing."""

    status: int
    last: bool
    timing: bytes | None = None


class ReplyReader:
    """Puts the pieces of one reply after the other together."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> Reply | None:
        """Take what arrived; return the reply when it is complete. Raises FramingError."""
        if self._buffer:
            data = self._buffer + data
        end = data.find(_HEAD_END)
        if end < 0:
            self._buffer = data
            return None
        head = data[: end + 1].lower()
        status, length = _STATUS.match(head), _LENGTH.search(head)
        if status is None or length is None:
            raise FramingError
        missing = end + len(_HEAD_END) + int(length[1]) - len(data)
        if missing < 0:
            raise FramingError
        self._buffer = data if missing else b""
        if missing:
            return None
        timing = _TIMING.search(head)
        return Reply(int(status[1]), _CLOSE.search(head) is not None, timing and data[timing.start(1) : timing.end(1)])
