"""BMP files: a header, a palette, rows (Microsoft, Bitmap Storage)."""

import struct

from preprocessing.image.container import Core
from preprocessing.image.errors import InvalidImageError, damaged, truncated

_OLD_HEADER = 12  # BITMAPCOREHEADER; all others begin like BITMAPINFOHEADER
_RGB, _BITFIELDS = 0, 3
_BITS = {1, 4, 8, 16, 24, 32}


def size(data: bytes) -> tuple[int, int]:
    """Width and height from the header; rows from top to bottom have a negative height."""
    return _header(data)[:2]


def core(data: bytes) -> Core:
    """The file up to its last row, once it is known to have all of them."""
    width, height, bits, offset = _header(data)
    end = offset + (width * bits + 31) // 32 * 4 * height
    if end > len(data):
        raise truncated()
    return Core(data)


def _header(data: bytes) -> tuple[int, int, int, int]:
    offset, kind = struct.unpack_from("<II", data, 10)
    if kind == _OLD_HEADER:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        colors = compression = 0
    else:
        width, height, _, bits, compression, colors = struct.unpack_from("<iiHHI12xI", data, 18)
    if bits not in _BITS or colors > 256 or width < 0:
        raise damaged("the header's numbers do not exist")
    if compression not in {_RGB, _BITFIELDS}:
        # Pillow unpacks runs of pixels in Python, pixel by pixel: a file of 100 bytes would keep the process busy.
        raise InvalidImageError("Compressed BMP is not decoded; send PNG or JPEG.", "uncompressed", compression)
    return width, abs(height), bits, offset
