"""WebP files: RIFF chunks around VP8 or VP8L data (RFC 9649)."""

import struct
from collections.abc import Iterator

from preprocessing.image import exif
from preprocessing.image.container import Core
from preprocessing.image.errors import InvalidImageError, damaged, truncated

_HEADER = 12
_NEEDED = {b"VP8X", b"ANIM", b"ALPH", b"VP8 ", b"VP8L", b"ANMF"}
_PICTURE = {b"VP8 ", b"VP8L", b"ANMF"}  # the first of them is the picture, or the first frame
_MAX_CHUNKS = 2000  # before and behind the picture
_STARTCODE, _SIGNATURE = b"\x9d\x01\x2a", 0x2F


def size(data: bytes) -> tuple[int, int]:
    """Width and height of the canvas from the first chunk."""
    kind = data[_HEADER : _HEADER + 4]
    if kind == b"VP8X":
        first, second, third, fourth = struct.unpack_from("<HBHB", data, _HEADER + 12)
        return 1 + first + (second << 16), 1 + third + (fourth << 16)
    if kind == b"VP8L":
        signature, bits = struct.unpack_from("<BI", data, _HEADER + 8)
        if signature != _SIGNATURE:
            raise damaged("no lossless signature")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        startcode, width, height = struct.unpack_from("<3sHH", data, _HEADER + 11)
        if startcode != _STARTCODE:
            raise damaged("no key frame")
        return width & 0x3FFF, height & 0x3FFF
    raise damaged("the first chunk holds no picture")


def core(data: bytes) -> Core:
    """The picture or the first frame, with its alpha; the orientation from the EXIF chunk, which stands behind it."""
    kept, orientation, found = [], 1, False
    for kind, start, end in _chunks(data):
        if kind in _NEEDED and not found:
            kept.append(memoryview(data)[start:end])
            found = kind in _PICTURE
        elif kind == b"EXIF":
            orientation = exif.orientation(data[start + 8 : end])
    if not found:
        raise damaged("no picture in it")
    body = b"".join([b"WEBP", *kept])
    return Core(b"RIFF" + struct.pack("<I", len(body)) + body, orientation)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end (padding included) of each chunk within the RIFF container."""
    limit = 8 + struct.unpack_from("<I", data, 4)[0]
    if limit > len(data):
        raise truncated()
    end = _HEADER
    for _ in range(_MAX_CHUNKS):
        if end + 8 > limit:
            return
        start = end
        kind, length = struct.unpack_from("<4sI", data, start)
        end = start + 8 + length + length % 2
        if end > limit:
            raise truncated()
        yield kind, start, end
    raise InvalidImageError("The WEBP has too many chunks.", _MAX_CHUNKS)
