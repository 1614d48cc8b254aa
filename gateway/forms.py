"""multipart/form-data (RFC 7578) from memory into parts, within limits.

python-multipart reads the form. It walks some bodies byte by byte, at a thousandth of the speed of others (delimiters
followed by spaces, delimiters in the middle of a line, a million empty parts), so the delimiters are looked at before.
Both go through the body window by window: a single search through megabytes would keep every other thread waiting.
"""

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from gateway.errors import InvalidFieldError, MalformedBodyError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_LONGEST_CONTENT_TYPE = 1000  # bytes
_LONGEST_BOUNDARY = 70  # RFC 2046, section 5.1.1
_WINDOW = 1 << 20  # bytes
_PLAIN = frozenset({b"7bit", b"8bit", b"binary"})  # transfer encodings that encode nothing

# It warns of every malformed form; here the client is told instead.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


class Part(NamedTuple):
    """A field of a form: its name, its bytes and the media type that it declares, if it does."""

    name: str
    data: bytes
    media_type: str | None


def boundary(content_type: bytes) -> bytes:
    """Return the boundary that a Content-Type header names. Raises MalformedBodyError."""
    options = parse_options_header(content_type)[1] if len(content_type) <= _LONGEST_CONTENT_TYPE else {}
    found = options.get(b"boundary", b"")
    if not 1 <= len(found) <= _LONGEST_BOUNDARY:
        raise MalformedBodyError(
            "multipart/form-data needs a boundary of 1 to 70 characters; HTTP libraries write one by themselves "
            "unless they are given a content-type.",
            field="content-type",
        )
    return found


def read_form(body: bytes, boundary: bytes, max_parts: int) -> list[Part]:
    """Return the parts of a form in their order. Raises MalformedBodyError or InvalidFieldError."""
    _check_delimiters(body, b"\r\n--" + boundary, max_parts)
    form = _Form()
    parser = MultipartParser(boundary, form.callbacks())
    try:
        for start in range(0, len(body), _WINDOW):
            parser.write(body[start : start + _WINDOW])
    except FormParserError:
        raise _malformed("a boundary or a part's headers are malformed, or too long") from None
    if not form.complete:
        raise _malformed("it ends before its last boundary")
    return form.parts


def _check_delimiters(body: bytes, delimiter: bytes, max_parts: int) -> None:
    before_first = 0 if body.startswith(delimiter[2:]) else 1  # the first of all may go without its line's start
    for found, end in enumerate(_delimiter_ends(body, delimiter), 1):
        if found > before_first + max_parts:
            raise InvalidFieldError(f"A form must have at most {max_parts} parts.", field="body", limit=max_parts)
        if body[end : end + 2] not in (b"\r\n", b"--"):
            raise _malformed("a boundary does not end its line")


def _delimiter_ends(body: bytes, delimiter: bytes) -> Iterator[int]:
    for start in range(0, len(body), _WINDOW):
        stop = start + _WINDOW + len(delimiter) - 1  # one that reaches into the next window counts here
        at = body.find(delimiter, start, stop)
        while at >= 0:
            yield at + len(delimiter)
            at = body.find(delimiter, at + len(delimiter), stop)


class _Form:
    """Gathers what the parser finds, which comes in pieces where windows meet."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.complete = False
        self._headers: dict[bytes, bytes] = {}
        self._name = b""
        self._value = b""
        self._pieces: list[bytes] = []

    def callbacks(self) -> "MultipartCallbacks":
        """Return what the parser is to call."""
        return {
            "on_part_begin": self._begin,
            "on_header_begin": self._header_begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header,
            "on_part_data": self._content,
            "on_part_end": self._end,
            "on_end": self._complete,
        }

    def _begin(self) -> None:
        self._headers, self._pieces = {}, []

    def _header_begin(self) -> None:
        self._name = self._value = b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end].lower()

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header(self) -> None:
        if self._name in self._headers:
            raise _malformed("a part repeats a header")
        self._headers[self._name] = self._value

    def _content(self, data: bytes, start: int, end: int) -> None:
        self._pieces.append(data[start:end])

    def _end(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition"))
        if kind != b"form-data" or b"name" not in options:
            raise _malformed("a part has no Content-Disposition: form-data with a name")
        if self._headers.get(b"content-transfer-encoding", b"binary").strip().lower() not in _PLAIN:
            raise _malformed("a part is encoded; RFC 7578 has them sent as they are")
        self.parts.append(Part(_text(options[b"name"]), b"".join(self._pieces), self._media_type()))

    def _media_type(self) -> str | None:
        declared = parse_options_header(self._headers.get(b"content-type"))[0]
        return declared.decode("latin-1") or None

    def _complete(self) -> None:
        self.complete = True


def _text(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        raise _malformed("a part's name is not UTF-8") from None


def _malformed(reason: str) -> MalformedBodyError:
    return MalformedBodyError(f"The body is not valid multipart/form-data: {reason}.", field="body")
