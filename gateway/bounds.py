"""Bodies that hold millions of tiny values are refused before they are decoded.

Twenty megabytes of `"",` cost JSON's reader a fifth of a second, and empty fields cost protobuf's a second and 400 MB,
all of it with Python's lock held: everyone else would wait. A valid request holds a few values, and most of them large.
"""

import msgspec

from gateway.decoding import decode
from gateway.errors import InvalidFieldError

_SPARE = 1000  # so many values more than a request can have are decoded, for the sake of a better error

_SYNTAX = msgspec.json.Decoder(msgspec.Raw)  # checks that the body is JSON, and keeps nothing

# Bytes that follow a tag, by wire type: https://protobuf.dev/programming-guides/encoding. Groups are counted by their
# two tags, and what stands between them as further fields.
_VARINT, _LENGTH = 0, 2
_FIXED = {1: 8, 3: 0, 4: 0, 5: 4}


def check_json(body: bytes, values: int) -> None:
    """Refuse JSON with many more values than a request can have. Raises MalformedBodyError or InvalidFieldError."""
    if body.count(b",") > values + _SPARE:
        decode(_SYNTAX, body)
        raise _too_many(values)


def check_message(message: bytes, values: int) -> None:
    """Refuse a protobuf message with many more fields than a request can have. Raises InvalidFieldError."""
    at = fields = 0
    while 0 <= at < len(message):
        fields += 1
        if fields > values + _SPARE:
            raise _too_many(values)
        at = _next_field(message, at)


def _next_field(message: bytes, at: int) -> int:
    """Return where the field after the one at `at` begins; -1 if there is no telling: the parser will say why."""
    tag, at = _varint(message, at)
    kind = tag & 7
    if kind == _VARINT:
        return _varint(message, at)[1]
    if kind == _LENGTH:
        length, at = _varint(message, at)
        return at + length if at >= 0 else -1
    return at + _FIXED[kind] if kind in _FIXED and at >= 0 else -1


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """Return the number at `at` and where what follows begins, or -1 if it has no end."""
    value = 0
    for shift, byte in enumerate(message[at : at + 10] if at >= 0 else b""):
        value |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return value, at + shift + 1
    return 0, -1


def _too_many(values: int) -> InvalidFieldError:
    return InvalidFieldError(
        f"The body holds many more values than a request can have, which is {values}.", field="body", limit=values
    )
