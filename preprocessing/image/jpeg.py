"""JPEG files: marker segments up to the first scan, then scans of entropy-coded data (ITU-T T.81, annex B)."""

import re
import struct
from collections.abc import Iterator

from preprocessing.image import exif
from preprocessing.image.container import Core, Part
from preprocessing.image.errors import InvalidImageError, damaged, truncated

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOFn; the three others are DHT, JPG and DAC
_HUFFMAN = {0xC0, 0xC1}  # SOF of sequential Huffman coding: what cameras write
_BARE = {0x00, 0x01, _SOI, _EOI, *range(0xD0, 0xD8)}  # without a segment; 0x00: not a marker at all
_APP0, _APP1, _APP14 = 0xE0, 0xE1, 0xEE
_NEEDED = {*_FRAMES, 0xC4, 0xCC, 0xDB, 0xDD, _APP0, _APP14, _SOS}  # JFIF's and Adobe's segments tell the colour space
_MAX_SEGMENTS = 2000  # a colour profile or XMP packet of 10 MB has 160
_MAX_SCANS = 100  # libtiff's bound, too. Encoders write about ten; thousands of scans in a small file keep libjpeg busy
# for minutes (libjpeg-turbo, "Two Issues with the JPEG Standard")
_NOT_FF = re.compile(rb"[^\xff]", re.DOTALL)
_MARKER_IN_SCAN = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")  # in coded data 0xFF is followed by zero or a restart marker
_LOOKAHEAD = b"\0" * 16


def size(data: bytes) -> tuple[int, int]:
    """Width and height from the frame header."""
    for marker, start, _ in _segments(data):
        if marker in _FRAMES:
            return _frame(data, start)
    raise damaged("no frame header before the first scan")


def core(data: bytes) -> Core:
    """Tables, frame header and scans; the orientation from the EXIF segment.

    When data run out before the end marker, libjpeg fills up with grey and says so only in a warning, which Pillow
    ignores. So a picture of one scan goes without its end marker: what is whole is decoded without missing it, for
    anything else libjpeg waits for more, and Pillow calls it truncated. The bytes in its place let libjpeg read ahead.
    """
    kept: list[Part] = [b"\xff\xd8"]
    view, frame, orientation, start, end = memoryview(data), b"", 0, 0, 0
    for marker, start, end in _segments(data):
        if marker in _NEEDED:
            kept += [bytes((0xFF, marker)), view[start:end]]
        if marker in _FRAMES:
            if frame:
                raise damaged("two frame headers")
            frame = bytes((marker, data[start + 7]))
        elif marker == _APP1 and not orientation and data[start + 2 : start + 7] == b"Exif\0":
            orientation = exif.orientation(data[start + 2 : end])
    scans, last = _scans(data, end)
    whole = scans == 1 and frame[0] in _HUFFMAN and data[start + 2] == frame[1]  # all components in one scan
    return Core(b"".join([*kept, view[end:last], _LOOKAHEAD if whole else b"\xff\xd9"]), orientation or 1)


def _frame(data: bytes, start: int) -> tuple[int, int]:
    bits, height, width, components = struct.unpack_from(">BHHB", data, start + 2)
    if bits != 8:
        raise InvalidImageError("The JPEG's samples have a number of bits that is not decoded.", 8, bits)
    if components not in {1, 3, 4}:
        raise damaged("a number of colour components that does not exist")
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


def _scans(data: bytes, at: int) -> tuple[int, int]:
    """How many scans there are from the data of the first on, and where the end marker is."""
    scans = 1
    for _ in range(_MAX_SEGMENTS):
        found = _MARKER_IN_SCAN.search(data, at)
        if found is None:
            raise truncated()
        if found[0][1] == _EOI:
            return scans, found.start()
        scans += found[0][1] == _SOS
        if scans > _MAX_SCANS:
            break
        at = found.end() if found[0][1] in _BARE else found.end() + struct.unpack_from(">H", data, found.end())[0]
    raise InvalidImageError("The JPEG has too many scans.", _MAX_SCANS)
