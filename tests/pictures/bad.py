"""Files that are refused: not pictures, other pictures than declared, damaged, oversized, and built to do harm."""

import struct
import zlib
from typing import NamedTuple

from PIL import Image

from tests.pictures.makers import (
    bmp_header,
    encode,
    gif_frame,
    gif_header,
    jpeg,
    jpeg_header,
    jpeg_segment,
    jpeg_with,
    longs,
    photo,
    png_chunk,
    png_header,
    tiff,
    tiff_rgb,
    webp_header,
)


class BadPicture(NamedTuple):
    """A file, the media type that its sender declares, and the name of the class of error that refuses it."""

    name: str
    data: bytes
    media_type: str | None
    error: str


_JPEG, _PNG = jpeg(), encode(photo(64, 48), "PNG")
WHOLE = {
    "JPEG": _JPEG,
    "progressive JPEG": jpeg(progressive=True),
    "PNG": _PNG,
    "lossy WEBP": encode(photo(64, 48), "WEBP"),
    "lossless WEBP": encode(photo(64, 48), "WEBP", lossless=True),
    "GIF": encode(photo(64, 48), "GIF", mode="L"),
    "BMP": encode(photo(64, 48), "BMP"),
    "TIFF": encode(photo(64, 48), "TIFF"),
    "LZW TIFF": encode(photo(64, 48), "TIFF", compression="tiff_lzw"),
}  # undamaged files, for tests to damage
_HEADERS = {"PNG": png_header, "JPEG": jpeg_header, "GIF": gif_header, "BMP": bmp_header}
_EMPTY = png_chunk(b"IDAT", zlib.compress(b"")) + png_chunk(b"IEND")

_NOT_IMAGES: dict[str, bytes] = {
    "text": b"Is this a picture of a cat?",
    "text that begins like a BMP": b"BMW makes cars, and not only fast ones. What is this?",
    "HTML": b"<!doctype html><title>502 Bad Gateway</title>",
    "JSON": b'{"image": "aGVsbG8="}',
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>',
    "SVG with a prologue": b'<?xml version="1.0"?>\n<!-- made by hand -->\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "PDF": b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n",
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n",
    "EPS with a preview": b"\xc5\xd0\xd3\xc6" + b"\0" * 60,
    "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100,
    "AVIF": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + b"\0" * 100,
    "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0" * 100,
    "JPEG XL": b"\xff\x0a" + b"\0" * 100,
    "BigTIFF": b"II+\0\x08\0\0\0" + b"\0" * 100,
    "ICO": encode(photo(64, 48), "ICO"),
    "PPM": encode(photo(64, 48), "PPM"),
    "TGA": encode(photo(64, 48), "TGA"),
    "Photoshop": b"8BPS\0\1" + b"\0" * 100,
    "ZIP": b"PK\3\4" + b"\0" * 100,
    "MP4": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"\0" * 100,
    "zeros": b"\0" * 1000,
    "one byte": b"\xff",
    "a JPEG in base64": b"/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcG",
    "a data URL": b"data:image/jpeg;base64,/9j/4AAQSkZJRgAB",
    "a JPEG behind a space": b" " + _JPEG,
}

_SIZES: dict[str, bytes] = {
    "1x1": encode(photo(1, 1), "PNG"),
    "15x15": jpeg(15, 15),
    "1x10000": encode(photo(1, 10_000), "PNG"),
    "10000x1": encode(photo(10_000, 1), "PNG"),
    "65535x1": encode(photo(65_535, 1), "PNG"),
    "16 x 3,000,000": png_header(16, 3_000_000) + _EMPTY,
    "3,000,000 x 16": png_header(3_000_000, 16) + _EMPTY,
    **{f"{name} of 20000x20000": header(20_000, 20_000) + b"\0" * 100 for name, header in _HEADERS.items()},
    **{f"{name} of 0x0": header(0, 0) + b"\0" * 100 for name, header in _HEADERS.items()},
    "GIF with a frame of 20000x20000": gif_header(64, 48) + gif_frame(0, 0, 20_000, 20_000) + b";",
    "GIF with a frame far outside": gif_header(64, 48) + gif_frame(65_535, 65_535, 64, 48) + b";",
    "WEBP of 16383x16383": webp_header(16_383, 16_383) + b"\0" * 1000,
    "TIFF of 20000x20000": tiff_rgb(20_000, 20_000, b"\0" * 100),
    "TIFF without a size": tiff({}),
    "PNG of 4294967295x4294967295": png_header(2**32 - 1, 2**32 - 1) + png_chunk(b"IEND"),
    "BMP of -2147483648 rows": bmp_header(64, -(2**31)) + b"\0" * 100,
    "two sizes in one JPEG": jpeg_with(jpeg_header(16, 16)[2:21]),
}

_DAMAGED: dict[str, bytes] = {
    "empty": b"",
    **{f"{name} cut in the middle": data[: len(data) // 2] for name, data in WHOLE.items()},
    **{f"{name} cut at a tenth": data[: len(data) // 10] for name, data in WHOLE.items()},
    "JPEG cut in the middle, and closed": _JPEG[: len(_JPEG) * 3 // 4] + b"\xff\xd9",
    "JPEG whose second half is zeros": _JPEG[: len(_JPEG) // 2] + b"\0" * (len(_JPEG) // 2),
    "JPEG without a scan": b"\xff\xd8" + jpeg_segment(0xE0, b"JFIF\0") + b"\xff\xd9",
    "JPEG without a frame": b"\xff\xd8" + jpeg_segment(0xDA, b"\1\1\0\0\x3f\0") + b"\0" * 100 + b"\xff\xd9",
    "only the start of a JPEG": b"\xff\xd8\xff",
    "only the start of a PNG": b"\x89PNG\r\n\x1a\n",
    "only the start of a GIF": b"GIF89a",
    "only the start of a TIFF": b"II*\0",
    "PNG with a flipped bit": _PNG[:100] + bytes([_PNG[100] ^ 1]) + _PNG[101:],
    "PNG without its last chunk": _PNG[:-12],
    "PNG without IDAT": png_header(64, 48) + png_chunk(b"IEND"),
    "PNG without its palette": png_header(64, 48, 8, 3) + png_chunk(b"IDAT", zlib.compress(bytes(65 * 48)))
    + png_chunk(b"IEND"),
    "PNG with too little data": png_header(64, 48) + png_chunk(b"IDAT", zlib.compress(bytes(99))) + png_chunk(b"IEND"),
    "PNG of 3 bits": png_header(64, 48, 3, 0) + _EMPTY,
    "GIF without a frame": gif_header(64, 48) + b";",
    "GIF with too little data": gif_header(64, 48) + gif_frame(0, 0, 64, 48) + b";",
    "WEBP without a picture": b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\x3f\0\0\x2f\0\0",
    "TIFF with a strip outside": tiff_rgb(64, 48, bytes(9216), t273=(4, 1, 10**9)),
}  # fmt: skip

_UNSUPPORTED: dict[str, bytes] = {
    "BMP in runs": bmp_header(64, 48, 8, 1) + b"\0" * 100,
    "JPEG of 12 bits": jpeg().replace(b"\xff\xc0\0\x11\x08", b"\xff\xc0\0\x11\x0c"),
    "TIFF of a fax": encode(photo(64, 48), "TIFF", mode="1", compression="group4"),
    "TIFF of floats": encode(Image.new("F", (64, 48), 0.5), "TIFF"),
    "TIFF of 32-bit integers": encode(Image.new("I", (64, 48), 70_000), "TIFF"),
    "TIFF in CIELAB": tiff_rgb(64, 48, bytes(9216), t262=(3, 1, 8)),
}

_BOMBS: dict[str, bytes] = {
    "JPEG of a million segments": jpeg_with(b"\xff\xe1\0\2" * 1_000_000),
    "JPEG of a million scans": _JPEG[:-2] + b"\xff\xda\0\2" * 1_000_000 + b"\xff\xd9",
    "PNG of 100,000 chunks": png_header(64, 48) + png_chunk(b"IDAT") * 100_000 + png_chunk(b"IEND"),
    "GIF of a million empty comments": gif_header(64, 48) + b"!\xfe\0" * 1_000_000 + gif_frame(0, 0, 64, 48) + b";",
    "WEBP of 100,000 chunks": b"RIFF" + struct.pack("<I", 800_022) + b"WEBPVP8X\x0a\0\0\0" + bytes(4)
    + b"\x3f\0\0\x2f\0\0" + b"JUNK\0\0\0\0" * 100_000,
    "TIFF of huge tags": tiff_rgb(64, 48, bytes(9216), t258=(3, 2**32 - 1, b"\0"), t273=(4, 2**32 - 1, b"\0")),
    "TIFF of 65,535 tags": b"II*\0\x08\0\0\0\xff\xff" + bytes(12 * 65_535),
    "TIFF of overlapping strips": tiff_rgb(64, 4096, bytes(500_000), t259=(3, 1, 5), t278=(4, 1, 1),
                                           t273=longs(*[8] * 4096), t279=longs(*[500_000] * 4096)),
    "TIFF of a huge tile": tiff_rgb(64, 48, bytes(9216), t322=(4, 1, 2**20), t323=(4, 1, 2**20), t324=(4, 1, 8),
                                    t325=(4, 1, 9216)),
}  # fmt: skip

_WRONG_FORMAT: list[tuple[str, bytes, str]] = [
    ("a PNG as JPEG", _PNG, "image/jpeg"),
    ("a JPEG as PNG", _JPEG, "image/png"),
    ("a JPEG as HEIC", _JPEG, "image/heic"),
    ("a JPEG as text", _JPEG, "text/plain"),
    ("a GIF as WEBP", WHOLE["GIF"], "image/webp"),
]

_TOO_LARGE: dict[str, bytes] = {
    "30 MB of zeros": bytes(30_000_000),
    "30 MB behind a JPEG": _JPEG + bytes(30_000_000),
}

BAD_PICTURES = [
    *(BadPicture(name, data, None, "NotAnImageError") for name, data in _NOT_IMAGES.items()),
    *(BadPicture(name, data, None, "InvalidImageError")
      for table in (_SIZES, _DAMAGED, _UNSUPPORTED, _BOMBS) for name, data in table.items()),
    *(BadPicture(name, data, media_type, "WrongFormatError") for name, data, media_type in _WRONG_FORMAT),
    *(BadPicture(name, data, None, "ImageTooLargeError") for name, data in _TOO_LARGE.items()),
]  # fmt: skip
