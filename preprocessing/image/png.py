"""PNG files: chunks with checksums (W3C, Portable Network Graphics, third edition)."""

import struct
import zlib
from collections.abc import Iterator

from preprocessing.image import exif
from preprocessing.image.container import Core, Part
from preprocessing.image.errors import InvalidImageError, damaged, truncated

_SIGNATURE = 8
_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}  # of each colour type
_GREY, _RGB, _PALETTE = 0, 2, 3
_ONCE = {b"IHDR", b"PLTE", b"tRNS", b"IEND"}
_MAX_CHUNKS = 20_000  # libpng writes 8 kB into each IDAT: 10 MB make 1,280


def size(data: bytes) -> tuple[int, int]:
    """Width and height from the first chunk."""
    return _header(data)[:2]


def core(data: bytes) -> Core:
    """IHDR, PLTE, tRNS and IDAT, with checked checksums; the orientation from eXIf.

    Text and colour profiles, which may unpack to a thousand times their size, are not even unpacked. The frames of an
    animation are left out: what remains is its default picture.
    """
    *_, depth, color = _header(data)
    kept: list[Part] = [data[:_SIGNATURE]]
    seen, orientation, view = set[bytes](), 1, memoryview(data)
    for kind, start, end in _chunks(data):
        if kind in _ONCE and kind in seen:
            raise damaged("a chunk that may come once comes again")
        seen.add(kind)
        if kind == b"tRNS":
            kept.append(_transparency(data[start + 8 : end - 4], depth, color))
        elif kind in _ONCE or kind == b"IDAT":
            kept.append(view[start:end])
        elif kind == b"eXIf":
            orientation = exif.orientation(data[start + 8 : end - 4])
    if missing := {b"IDAT", *((b"PLTE",) if color == _PALETTE else ())} - seen:
        raise damaged(f"no {missing.pop().decode()} chunk")
    return Core(b"".join(kept), orientation)


def _header(data: bytes) -> tuple[int, int, int, int]:
    length, kind, width, height, depth, color, *methods, interlace = struct.unpack_from(">I4sIIBBBBB", data, _SIGNATURE)
    if kind != b"IHDR" or length != 13:
        raise damaged("the first chunk is not IHDR")
    if depth not in _DEPTHS.get(color, ()) or methods != [0, 0] or interlace > 1:
        raise damaged("the header's numbers do not exist")
    return width, height, depth, color


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of each chunk up to IEND; those that count have passed their checksum."""
    end = _SIGNATURE
    for _ in range(_MAX_CHUNKS):
        start = end
        length, kind = struct.unpack_from(">I4s", data, start)
        end = start + 12 + length
        if end > len(data):
            raise truncated()
        if kind in _ONCE or kind == b"IDAT":
            (checksum,) = struct.unpack_from(">I", data, end - 4)
            if zlib.crc32(memoryview(data)[start + 4 : end - 4]) != checksum:
                raise damaged(f"the checksum of {kind.decode()} is wrong")
        yield kind, start, end
        if kind == b"IEND":
            return
    raise InvalidImageError("The PNG has too many chunks.", _MAX_CHUNKS)


def _transparency(payload: bytes, depth: int, color: int) -> bytes:
    """The tRNS chunk in the samples that Pillow hands out, which are 8 bits whatever the file's are.

    Pillow compares them with the number as it stands. For 16 bits nothing is kept: without their lower half, neighbours
    of the transparent colour would be transparent, too.
    """
    if depth == 16 or color not in {_GREY, _RGB, _PALETTE}:
        return b""
    if color == _GREY:
        highest = (1 << depth) - 1
        (grey,) = struct.unpack(">H", payload[:2])
        payload = struct.pack(">H", (grey & highest) * (255 // highest) if depth > 1 else grey & 1)
    if color == _RGB:
        payload = struct.pack(">HHH", *(sample & 0xFF for sample in struct.unpack(">HHH", payload[:6])))
    chunk = b"tRNS" + payload
    return struct.pack(">I", len(payload)) + chunk + struct.pack(">I", zlib.crc32(chunk))
