"""Makers of picture files: what Pillow cannot write is put together from its parts."""

import io
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from preprocessing.image import ImageLimits

LIMITS = ImageLimits(max_bytes=10_485_760, max_pixels=52_000_000)  # the gateway's defaults
TiffTag = tuple[int, int, int | bytes]  # type, count, value or the bytes of several


def photo(width: int, height: int) -> NDArray[np.uint8]:
    """A smooth picture without symmetries: [height, width, 3] uint8 RGB, the same on every machine."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    y, x = y / height, x / width
    red = 127 + 120 * np.sin(5 * x + 2 * y)
    green = 127 + 120 * np.sin(3 * x * x - 7 * y + 1)
    blue = 127 + 120 * np.cos(9 * x * y + 4 * y)
    return np.asarray(np.stack([red, green, blue], axis=-1), np.uint8)


def encode(pixels: NDArray[Any] | Image.Image, format_: str, mode: str | None = None, **options: Any) -> bytes:
    """The file that Pillow writes of pixels ([height, width] or [height, width, channels]) or of a picture."""
    image = pixels.copy() if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    file = io.BytesIO()
    (image.convert(mode) if mode else image).save(file, format_, **options)
    return file.getvalue()


def jpeg(width: int = 64, height: int = 48, **options: Any) -> bytes:
    """A JPEG file of the photo."""
    return encode(photo(width, height), "JPEG", **options)


def exif(orientation: int) -> bytes:
    """An EXIF block that holds nothing but the orientation, big-endian."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + b"\0\0\0\0"


def jpeg_segment(marker: int, payload: bytes) -> bytes:
    """A marker segment of a JPEG file."""
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def jpeg_with(segment: bytes, file: bytes | None = None) -> bytes:
    """A JPEG file with segments put before all others."""
    file = jpeg() if file is None else file
    return file[:2] + segment + file[2:]


def jpeg_header(width: int, height: int) -> bytes:
    """A JPEG file up to its frame header, and the start of a scan."""
    frame = struct.pack(">BHHB", 8, height, width, 3) + b"\1\x22\0\2\x11\1\3\x11\1"
    return b"\xff\xd8" + jpeg_segment(0xC0, frame) + jpeg_segment(0xDA, b"\3\1\0\2\x11\3\x11\0\x3f\0")


def png_chunk(kind: bytes, payload: bytes = b"") -> bytes:
    """A chunk of a PNG file, checksum included."""
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def png_header(width: int, height: int, depth: int = 8, color: int = 2, interlace: int = 0) -> bytes:
    """Signature and IHDR of a PNG file."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header)


def png(samples: NDArray[Any], depth: int, color: int, before: bytes = b"", after: bytes = b"") -> bytes:
    """A PNG file of [height, width, channels] samples, which are packed if they have fewer than 8 bits."""
    data = png_chunk(b"IDAT", zlib.compress(_png_rows(samples, depth)))
    height, width = samples.shape[:2]
    return png_header(width, height, depth, color) + before + data + after + png_chunk(b"IEND")


def interlaced_png(samples: NDArray[Any], depth: int, color: int) -> bytes:
    """The same with Adam7's seven passes."""
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    rows = b"".join(_png_rows(samples[y::down, x::right], depth) for y, x, down, right in passes)
    height, width = samples.shape[:2]
    return png_header(width, height, depth, color, 1) + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND")


def _png_rows(samples: NDArray[Any], depth: int) -> bytes:
    """Filter byte 0 and samples of each row."""
    if depth < 8:
        bits = (samples[..., None] >> np.arange(depth - 1, -1, -1)) & 1
        rows = np.packbits(bits.reshape(len(samples), -1).astype(np.uint8), axis=1)
    else:
        rows = samples.astype(">u2" if depth == 16 else np.uint8).reshape(len(samples), -1)
    return b"".join(b"\0" + row.tobytes() for row in rows)


def tiff(tags: dict[int, TiffTag], data: bytes = b"", order: str = "<") -> bytes:
    """A TIFF file: header, `data` at offset 8, then one directory of tags."""
    start = 8 + len(data) + len(data) % 2
    entries = extra = b""
    for tag, (kind, count, value) in sorted(tags.items()):
        if isinstance(value, bytes):
            field = struct.pack(order + "I", start + 2 + 12 * len(tags) + 4 + len(extra))
            extra += value + b"\0" * (len(value) % 2)
        else:
            field = struct.pack(order + ("HH" if kind == 3 else "I"), *((value, 0) if kind == 3 else (value,)))
        entries += struct.pack(order + "HHI", tag, kind, count) + field
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start)
    return head + data.ljust(start - 8, b"\0") + struct.pack(order + "H", len(tags)) + entries + b"\0\0\0\0" + extra


def tiff_rgb(width: int, height: int, data: bytes, order: str = "<", **changes: TiffTag) -> bytes:
    """An uncompressed RGB TIFF file of one strip; `changes` are tags: `t259=(type, count, value)`."""
    tags: dict[int, TiffTag] = {
        256: (4, 1, width), 257: (4, 1, height), 258: (3, 3, struct.pack(order + "HHH", 8, 8, 8)), 259: (3, 1, 1),
        262: (3, 1, 2), 273: (4, 1, 8), 277: (3, 1, 3), 278: (4, 1, height), 279: (4, 1, len(data)),
    }  # fmt: skip
    tags |= {int(name[1:]): value for name, value in changes.items()}
    return tiff(tags, data, order)


def longs(*values: int) -> TiffTag:
    """A TIFF tag of several LONG values, little-endian."""
    return 4, len(values), struct.pack(f"<{len(values)}I", *values)


def bmp_header(width: int, height: int, bits: int = 24, compression: int = 0) -> bytes:
    """File header and BITMAPINFOHEADER of a BMP file without a palette."""
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + info


def gif_header(width: int, height: int) -> bytes:
    """Signature and screen descriptor of a GIF file with a palette of two colours."""
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\x20\x40\x60\xff\xff\xff"


def gif_frame(left: int, top: int, width: int, height: int) -> bytes:
    """A frame of a GIF file with next to no data."""
    return b"," + struct.pack("<HHHHB", left, top, width, height, 0) + b"\2\2\x4c\1\0"


def webp_header(width: int, height: int) -> bytes:
    """The start of a lossless WebP file."""
    bits = (width - 1) | (height - 1) << 14
    chunk = b"VP8L" + struct.pack("<IBI", 1000, 0x2F, bits)
    return b"RIFF" + struct.pack("<I", 1012) + b"WEBP" + chunk
