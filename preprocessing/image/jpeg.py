"""JPEG files: marker segments up to the first scan, then entropy-coded data (ITU-T T.81, annex B)."""

import re
import struct
from collections.abc import Iterator

from preprocessing.image import exif
from preprocessing.image.container import Core, Part
from preprocessing.image.errors import InvalidImageError, damaged, truncated

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOFn; the three others are DHT, JPG and DAC
_BARE = {0x00, 0x01, _SOI, _EOI, *range(0xD0, 0xD8)}  # without a segment; 0x00: not a marker at all
_APP0, _APP1, _APP14 = 0xE0, 0xE1, 0xEE
_NEEDED = {*_FRAMES, 0xC4, 0xCC, 0xDB, 0xDD, _APP0, _APP14, _SOS}  # JFIF's and Adobe's segments tell the colour space
_MAX_SEGMENTS = 2000  # a colour profile or XMP packet of 10 MB has 160
_MAX_SCANS = 100  # encoders write about ten; a file of thousands takes minutes for one picture (libjpeg-turbo, "Two
# Issues with the JPEG Standard"); djpeg's -maxscans and libtiff set the same bound
_NOT_FF = re.compile(rb"[^\xff]", re.DOTALL)
_IN_SCAN = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")


def size(data: bytes) -> tuple[int, int]:
    """Width and height from the frame header."""
    for marker, start, _ in _segments(data):
        if marker in _FRAMES:
            return _frame(data, start)
    raise damaged("no frame header before the first scan")


def core(data: bytes) -> Core:
    """Tables, frame header and all that follows it; the orientation from the EXIF segment."""
    kept: list[Part] = [b"\xff\xd8"]
    view, orientation, frames, end = memoryview(data), None, 0, 0
    for marker, start, end in _segments(data):
        if marker in _NEEDED:
            kept += [bytes((0xFF, marker)), view[start:end]]
            frames += marker in _FRAMES
        elif marker == _APP1 and orientation is None and data[start + 2 : start + 7] == b"Exif\0":
            orientation = exif.orientation(data[start + 2 : end])
    if frames != 1:
        raise damaged(f"{frames} frame headers")
    _check_scans(data, end)
    return Core(b"".join([*kept, view[end:]]), orientation or 1)


def _frame(data: bytes, start: int) -> tuple[int, int]:
    bits, height, width, components = struct.unpack_from(">BHHB", data, start + 2)
    if bits != 8:
        raise InvalidImageError("The JPEG's samples have a number of bits that is not decoded.", 8, bits)
    if components not in {1, 3, 4}:
        raise damaged(f"{components} colour components")
    return width, height


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, where its segment starts (at the length) and ends, up to and with the first scan header."""
    end = 2
    for _ in range(_MAX_SEGMENTS):
        marker, start = _marker(data, end)
        if marker == _EOI:
            raise truncated()
        end = start if marker in _BARE else start + struct.unpack_from(">H", data, start)[0]
        if end > len(data):
            raise truncated()
        if marker not in _BARE:
            yield marker, start, end
        if marker == _SOS:
            return
    raise InvalidImageError("The JPEG has too many segments before its first scan.", _MAX_SEGMENTS)


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """The next marker and where it ends; what lies before it is skipped, as libjpeg does."""
    prefix = data.find(b"\xff", at)
    code = _NOT_FF.search(data, prefix) if prefix >= 0 else None
    if code is None:
        raise truncated()
    return data[code.start()], code.end()


def _check_scans(data: bytes, start: int) -> None:
    # Pillow notices most cuts itself, but not one behind which something else goes on (zeros, a boundary).
    if data.rfind(b"\xff\xd9", start) < 0:
        raise truncated()
    # Within a scan 0xFF is followed by zero or a restart marker only. What follows the picture (a second one, a video)
    # may hold the two bytes by chance: the exact count comes after the cheap one.
    if data.count(b"\xff\xda", start) < _MAX_SCANS:
        return
    scans = 1
    while (found := _IN_SCAN.search(data, start)) and found[0] != b"\xff\xd9":
        scans += found[0] == b"\xff\xda"
        if scans > _MAX_SCANS:
            raise InvalidImageError("The JPEG has too many scans.", _MAX_SCANS)
        start = found.end() + struct.unpack_from(">H", data, found.end())[0]
