"""GIF files: blocks up to the first frame's end; further frames are never looked at (CompuServe, GIF89a)."""

import struct

from preprocessing.image.container import Core
from preprocessing.image.errors import InvalidImageError, damaged

_TRAILER, _EXTENSION, _FRAME, _GRAPHIC_CONTROL = 0x3B, 0x21, 0x2C, 0xF9
_MAX_BLOCKS = 200_000  # of a frame; encoders fill them with 255 bytes: 10 MB make 41,000
_MAX_EXTENSION_BLOCKS = 20_000  # before it: comments, a colour profile, an XMP packet


def size(data: bytes) -> tuple[int, int]:
    """Width and height of the screen, widened to hold the first frame, as Pillow does."""
    _, frame = _extensions(data)
    screen = struct.unpack_from("<HH", data, 6)
    left, top, width, height = struct.unpack_from("<HHHH", data, frame + 1)
    return max(screen[0], left + width), max(screen[1], top + height)


def core(data: bytes) -> Core:
    """Screen, palettes, transparency and the first frame."""
    control, frame = _extensions(data)
    data_at = frame + 10 + _palette(data[frame + 9])
    end, _ = _skip(data, data_at + 1, _MAX_BLOCKS)
    return Core(b"".join([data[: _first_block(data)], control, memoryview(data)[frame:end], bytes((_TRAILER,))]))


def _first_block(data: bytes) -> int:
    return 13 + _palette(data[10])


def _palette(flags: int) -> int:
    """Bytes of the palette that a field of flags announces."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _extensions(data: bytes) -> tuple[bytes, int]:
    """The graphic control extension that belongs to the first frame, and where the frame starts."""
    at, control, budget = _first_block(data), b"", _MAX_EXTENSION_BLOCKS
    while (kind := data[at]) == _EXTENSION:
        start = at
        at, budget = _skip(data, at + 2, budget)
        if data[start + 1] == _GRAPHIC_CONTROL:
            control = data[start:at]
    if kind == _TRAILER:
        raise damaged("no frame in it")
    if kind != _FRAME:
        raise damaged("an unknown block")
    return control, at


def _skip(data: bytes, at: int, budget: int) -> tuple[int, int]:
    """Where a sequence of sub-blocks ends, its terminator included, and what is left of the budget."""
    while budget:
        budget -= 1
        length = data[at]
        at += 1 + length
        if not length:
            return at, budget
    raise InvalidImageError("The GIF has too many blocks.", _MAX_BLOCKS)
