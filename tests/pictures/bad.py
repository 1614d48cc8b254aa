"""Files that are refused: not pictures, other pictures than declared, damaged, oversized, and built to do harm."""

import zlib
from typing import NamedTuple

from tests.pictures.makers import (
    bmp_header,
    encode,
    gif_header,
    jpeg,
    jpeg_header,
    photo,
    png_chunk,
    png_header,
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
_WHOLE = {
    "JPEG": _JPEG,
    "progressive JPEG": jpeg(progressive=True),
    "PNG": _PNG,
    "lossy WEBP": encode(photo(64, 48), "WEBP"),
    "lossless WEBP": encode(photo(64, 48), "WEBP", lossless=True),
    "GIF": encode(photo(64, 48), "GIF", mode="L"),
    "BMP": encode(photo(64, 48), "BMP"),
    "TIFF": encode(photo(64, 48), "TIFF"),
    "LZW TIFF": encode(photo(64, 48), "TIFF", compression="tiff_lzw"),
}
_HEADERS = {"PNG": png_header, "JPEG": jpeg_header, "GIF": gif_header, "BMP": bmp_header}

_NOT_IMAGES: dict[str, bytes] = {
    "text": b"Is this a picture of a cat?",
    "HTML": b"<!doctype html><title>502 Bad Gateway</title>",
    "JSON": b'{"image": "aGVsbG8="}',
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>',
    "SVG with a prologue": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "PDF": b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n",
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n",
    "EPS with a preview": b"\xc5\xd0\xd3\xc6" + b"\0" * 60,
    "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100,
    "AVIF": encode(photo(64, 48), "AVIF"),
    "JPEG 2000": encode(photo(64, 48), "JPEG2000"),
    "JPEG XL": b"\xff\x0a" + b"\0" * 100,
    "ICO": encode(photo(64, 48), "ICO"),
    "PPM": encode(photo(64, 48), "PPM"),
    "TGA": encode(photo(64, 48), "TGA"),
    "Photoshop": b"8BPS\0\1" + b"\0" * 100,
    "ZIP": b"PK\3\4" + b"\0" * 100,
    "MP4": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"\0" * 100,
    "zeros": b"\0" * 1000,
    "a JPEG in base64": b"/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcG",
    "a data URL": b"data:image/jpeg;base64,/9j/4AAQSkZJRgAB",
    "a JPEG behind a space": b" " + _JPEG,
}

_INVALID: dict[str, bytes] = {
    "empty": b"",
    "1x1": encode(photo(1, 1), "PNG"),
    "15x15": jpeg(15, 15),
    "1x10000": encode(photo(1, 10_000), "PNG"),
    "10000x1": encode(photo(10_000, 1), "PNG"),
    "65535x1": encode(photo(65_535, 1), "PNG"),
    "16 x 3,000,000": png_header(16, 3_000_000) + png_chunk(b"IDAT", zlib.compress(b"")) + png_chunk(b"IEND"),
    "3,000,000 x 16": png_header(3_000_000, 16) + png_chunk(b"IDAT", zlib.compress(b"")) + png_chunk(b"IEND"),
    **{f"{name} of 20000x20000": header(20_000, 20_000) + b"\0" * 100 for name, header in _HEADERS.items()},
    **{f"{name} of 0x0": header(0, 0) + b"\0" * 100 for name, header in _HEADERS.items()},
    "WEBP of 16383x16383": webp_header(16_383, 16_383) + b"\0" * 1000,
    "TIFF of 20000x20000": tiff_rgb(20_000, 20_000, b"\0" * 100),
    "PNG of 4294967295x4294967295": png_header(2**32 - 1, 2**32 - 1) + png_chunk(b"IEND"),
    **{f"{name} cut in the middle": data[: len(data) // 2] for name, data in _WHOLE.items()},
    **{f"{name} cut at a tenth": data[: len(data) // 10] for name, data in _WHOLE.items() if "TIFF" not in name},
    "PNG with a flipped bit": _PNG[:100] + bytes([_PNG[100] ^ 1]) + _PNG[101:],
    "PNG without IDAT": png_header(64, 48) + png_chunk(b"IEND"),
    "PNG with too little data": png_header(64, 48) + png_chunk(b"IDAT", zlib.compress(b"\0" * 99)) + png_chunk(b"IEND"),
    "only the start of a JPEG": b"\xff\xd8\xff",
    "only the start of a PNG": b"\x89PNG\r\n\x1a\n",
    "JPEG whose second half is zeros": _JPEG[: len(_JPEG) // 2] + b"\0" * (len(_JPEG) // 2),
    "TIFF of a fax": encode(photo(64, 48), "TIFF", mode="1", compression="group4"),
    "TIFF of floats": tiff_rgb(64, 48, b"\0" * 64 * 48 * 4, t258=(3, 1, 32), t262=(3, 1, 1), t277=(3, 1, 1),
                               t339=(3, 1, 3)),
}  # fmt: skip

_WRONG_FORMAT: list[tuple[str, bytes, str]] = [
    ("a PNG as JPEG", _PNG, "image/jpeg"),
    ("a JPEG as PNG", _JPEG, "image/png"),
    ("a JPEG as HEIC", _JPEG, "image/heic"),
    ("a JPEG as text", _JPEG, "text/plain"),
    ("a GIF as WEBP", _WHOLE["GIF"], "image/webp"),
]

_TOO_LARGE: dict[str, bytes] = {
    "30 MB of zeros": b"\0" * 30_000_000,
    "30 MB behind a JPEG": _JPEG + b"\0" * 30_000_000,
}

BAD_PICTURES = [
    *(BadPicture(name, data, None, "NotAnImageError") for name, data in _NOT_IMAGES.items()),
    *(BadPicture(name, data, None, "InvalidImageError") for name, data in _INVALID.items()),
    *(BadPicture(name, data, media_type, "WrongFormatError") for name, data, media_type in _WRONG_FORMAT),
    *(BadPicture(name, data, None, "ImageTooLargeError") for name, data in _TOO_LARGE.items()),
]
