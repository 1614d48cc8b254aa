"""TIFF files: a directory of tags that points to strips or tiles of pixels (Adobe, TIFF 6.0).

The first directory is read and checked here, and a new one with only the tags that decoding needs is put behind the
file: no other page, no private tag and no metadata is left for Pillow to read.
"""

import struct
from typing import NamedTuple

import numpy as np

from preprocessing.image.container import Core, Part
from preprocessing.image.errors import InvalidImageError, damaged, truncated

_BYTE, _SHORT, _LONG, _UNDEFINED = 1, 3, 4, 7
_TYPES = {_BYTE: "B", _SHORT: "H", _LONG: "I", _UNDEFINED: "B"}
_MAX_TAGS = 1000
_MAX_PARTS = 65_536  # strips or tiles: Pillow makes a Python object of each


class Tag(NamedTuple):
    """A tag that decoding needs: how many values it may have, and which one counts when it is missing."""

    most: int
    default: tuple[int, ...] = ()
    allowed: frozenset[int] | None = None


def _only(*values: int) -> frozenset[int]:
    return frozenset(values)


WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, OFFSETS, ORIENTATION = 256, 257, 258, 259, 262, 273, 274
SAMPLES, ROWS, COUNTS, PLANAR, TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_COUNTS = (
    277,
    278,
    279,
    284,
    322,
    323,
    324,
    325,
)
EXTRA, FORMAT, JPEG_TABLES, SUBSAMPLING = 338, 339, 347, 530
JPEG, YCBCR = 7, 6

_TAGS = {
    WIDTH: Tag(1),
    HEIGHT: Tag(1),
    BITS: Tag(8, (1,), _only(1, 2, 4, 8, 16)),
    COMPRESSION: Tag(1, (1,), _only(1, 5, JPEG, 8, 32773, 32946)),  # none, LZW, JPEG, Deflate, PackBits, Deflate
    PHOTOMETRIC: Tag(1, (), _only(0, 1, 2, 3, 5, YCBCR)),  # white is zero, black is zero, RGB, palette, CMYK, YCbCr
    266: Tag(1, (1,), _only(1)),  # order of bits; reversing them copies each strip
    OFFSETS: Tag(_MAX_PARTS),
    ORIENTATION: Tag(1, (1,)),
    SAMPLES: Tag(1, (1,), _only(1, 2, 3, 4, 5)),
    ROWS: Tag(1, (2**32 - 1,)),
    COUNTS: Tag(_MAX_PARTS),
    PLANAR: Tag(1, (1,), _only(1, 2)),
    317: Tag(1, (1,), _only(1, 2)),  # predictor
    320: Tag(3 * 256),  # palette
    TILE_WIDTH: Tag(1),
    TILE_HEIGHT: Tag(1),
    TILE_OFFSETS: Tag(_MAX_PARTS),
    TILE_COUNTS: Tag(_MAX_PARTS),
    332: Tag(1, (1,), _only(1)),  # inks: CMYK
    EXTRA: Tag(4),
    FORMAT: Tag(8, (1,), _only(1)),  # unsigned integers: floats have no range that is white
    JPEG_TABLES: Tag(65_536),
    SUBSAMPLING: Tag(2),
}
_NAMES = {
    BITS: "bits per sample", COMPRESSION: "compression", PHOTOMETRIC: "colour space", 266: "order of bits",
    SAMPLES: "samples per pixel", PLANAR: "layout", 317: "predictor", 332: "inks", FORMAT: "sample format",
}  # fmt: skip
Tags = dict[int, tuple[int, ...]]


def size(data: bytes) -> tuple[int, int]:
    """Width and height from the first directory, as stored (before the orientation is applied)."""
    tags = _read(data, {WIDTH, HEIGHT})
    if WIDTH not in tags or HEIGHT not in tags:
        raise damaged("no size in its directory")
    return tags[WIDTH][0], tags[HEIGHT][0]


def core(data: bytes) -> Core:
    """The file with a directory of its first page alone; the orientation from that page."""
    tags = {tag: rule.default for tag, rule in _TAGS.items() if rule.default} | _read(data, set(_TAGS))
    _check_values(tags)
    _check_parts(tags, len(data))
    (orientation,) = tags.pop(ORIENTATION)
    return Core(_with_directory(data, tags), orientation if 1 <= orientation <= 8 else 1)


def _read(data: bytes, wanted: set[int]) -> Tags:
    order = "<" if data[:2] == b"II" else ">"
    (start,) = struct.unpack_from(order + "I", data, 4)
    (entries,) = struct.unpack_from(order + "H", data, start)
    if entries > _MAX_TAGS:
        raise InvalidImageError("The TIFF has too many tags.", _MAX_TAGS, entries)
    tags: Tags = {}
    for at in range(start + 2, start + 2 + 12 * entries, 12):
        tag, kind, count = struct.unpack_from(order + "HHI", data, at)
        if tag in wanted and kind in _TYPES and tag not in tags:
            if not 0 < count <= _TAGS[tag].most:
                raise InvalidImageError(f"The TIFF's tag {tag} has too many values.", _TAGS[tag].most, count)
            values = struct.Struct(f"{order}{count}{_TYPES[kind]}")
            where = at + 8 if values.size <= 4 else struct.unpack_from(order + "I", data, at + 8)[0]
            tags[tag] = values.unpack_from(data, where)
    return tags


def _check_values(tags: Tags) -> None:
    for tag, rule in _TAGS.items():
        for value in tags.get(tag, ()):
            if rule.allowed is not None and value not in rule.allowed:
                allowed = ", ".join(map(str, sorted(rule.allowed)))
                raise InvalidImageError(f"The TIFF's {_NAMES[tag]} is not decoded; send PNG or JPEG.", allowed, value)
    if PHOTOMETRIC not in tags:
        raise damaged("no colour space in its directory")
    bits, photometric, planar = max(tags[BITS]), tags[PHOTOMETRIC][0], tags[PLANAR][0]
    if min(tags[BITS]) != bits or (bits == 16 and (photometric == 0 or planar == 2)):
        raise InvalidImageError("The TIFF's combination of bits and colour space is not decoded; send PNG or JPEG.")
    if photometric == YCBCR and tags[COMPRESSION] != (JPEG,):
        raise InvalidImageError("The TIFF's YCbCr samples are not decoded without JPEG; send PNG or JPEG.")


def _check_parts(tags: Tags, length: int) -> None:
    """As many strips or tiles as the size asks for, each within the file, together no longer than it.

    Parts that overlap could be many times longer than the file, and as much work.
    """
    tiled = TILE_OFFSETS in tags
    expected = _tiles(tags) if tiled else _strips(tags)
    offsets, counts = tags.get(TILE_OFFSETS if tiled else OFFSETS, ()), tags.get(TILE_COUNTS if tiled else COUNTS, ())
    if not len(offsets) == len(counts) == expected * (tags[SAMPLES][0] if tags[PLANAR] == (2,) else 1):
        raise damaged("a wrong number of strips or tiles")
    ends = np.asarray(offsets, np.int64) + np.asarray(counts, np.int64)
    if ends.max() > length or sum(counts) > length:
        raise truncated()


def _strips(tags: Tags) -> int:
    for tag in (TILE_WIDTH, TILE_HEIGHT, TILE_COUNTS):
        tags.pop(tag, None)
    height, rows = tags[HEIGHT][0], tags[ROWS][0]
    tags[ROWS] = (max(1, min(rows, height)),)
    return -(-height // tags[ROWS][0])


def _tiles(tags: Tags) -> int:
    for tag in (OFFSETS, COUNTS, ROWS):
        tags.pop(tag, None)
    number = 1
    for side, tile in ((WIDTH, TILE_WIDTH), (HEIGHT, TILE_HEIGHT)):
        (pixels,) = tags.get(tile, (0,))
        if not 0 < pixels <= max(2048, tags[side][0] + 15):  # a tile is unpacked as a whole
            raise damaged("tiles of an impossible size")
        number *= -(-tags[side][0] // pixels)
    return number


def _with_directory(data: bytes, tags: Tags) -> bytes:
    """The file with `tags` as its only directory, behind its old end."""
    order = "<" if data[:2] == b"II" else ">"
    padding = len(data) % 2
    start = len(data) + padding
    values_at = start + 2 + 12 * len(tags) + 4
    entries, values = [struct.pack(order + "H", len(tags))], bytearray()
    for tag, content in sorted(tags.items()):
        kind = _kind(tag)
        packed = struct.pack(f"{order}{len(content)}{_TYPES[kind]}", *content)
        if len(packed) > 4:
            packed, there = struct.pack(order + "I", values_at + len(values)), packed
            values += there + b"\0" * (len(there) % 2)
        entries.append(struct.pack(order + "HHI", tag, kind, len(content)) + packed.ljust(4, b"\0"))
    parts: list[Part] = [data[:4], struct.pack(order + "I", start), memoryview(data)[8:], b"\0" * padding,
                  *entries, b"\0\0\0\0", values]  # fmt: skip
    return b"".join(parts)


def _kind(tag: int) -> int:
    if tag == JPEG_TABLES:
        return _UNDEFINED
    return (
        _LONG
        if tag in {WIDTH, HEIGHT, ROWS, OFFSETS, COUNTS, TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_COUNTS}
        else _SHORT
    )
