"""Reads HTTP/1.1 replies as far as a load generator needs them: status, end, and whether the connection stays open."""

import re
from typing import NamedTuple

_HEAD_END = b"\r\n\r\n"
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})[ \r]")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)


class FramingError(Exception):
    """The reply does not announce its length, or is longer: where the next one begins cannot be told."""


class Reply(NamedTuple):
    """A complete reply; `last` says that the server closes the connection behind it."""

    status: int
    last: bool


class ReplyReader:
    """Puts the pieces of one reply after the other together."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> Reply | None:
        """Take what arrived; return the reply when it is complete. Raises FramingError."""
        self._buffer += data
        head, separator, content = self._buffer.partition(_HEAD_END)
        if not separator:
            return None
        status, length = _STATUS.match(head), _LENGTH.search(head)
        if status is None or length is None or len(content) > int(length[1]):
            raise FramingError
        if len(content) < int(length[1]):
            return None
        self._buffer = b""
        return Reply(int(status[1]), _CLOSE.search(head) is not None)
