"""The orientation in an EXIF block, which is a TIFF directory (Exif 2.32, 4.6.2 and 4.6.4)."""

import struct

_ORIENTATION = 0x0112
_INTEGERS = {1: "B", 3: "H", 4: "I"}  # BYTE, SHORT, LONG
_MAX_ENTRIES = 512  # the first directory of a camera's block has about twenty


def orientation(block: bytes) -> int:
    """1 to 8; 1 (upright) where the block does not say or cannot be read: no picture is refused for its metadata."""
    try:
        value = _entry(block[6:] if block.startswith(b"Exif\0") else block)
    except struct.error:
        return 1
    return value if 1 <= value <= 8 else 1


def _entry(tiff: bytes) -> int:
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for at in range(start + 2, start + 2 + 12 * min(count, _MAX_ENTRIES), 12):
        tag, kind = struct.unpack_from(order + "HH", tiff, at)
        if tag == _ORIENTATION and kind in _INTEGERS:
            return int(struct.unpack_from(order + _INTEGERS[kind], tiff, at + 8)[0])
    return 1
