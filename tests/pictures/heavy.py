"""The pictures that take most memory to decode: 8 megapixels (WEBP and TIFF: 4) of one colour in a small file."""

import zlib

from PIL import Image

from tests.pictures.makers import encode, exif, png_chunk, png_header

_WIDTH, _HEIGHT, _HALF = 4000, 2000, 1000


def _png(depth: int, color: int, channels: int, before: bytes = b"", interlace: int = 0) -> bytes:
    rows = zlib.compress((b"\0" + b"\x55" * (_WIDTH * depth * channels // 8)) * _HEIGHT, 1)
    header = png_header(_WIDTH, _HEIGHT, depth, color, interlace)
    return header + before + png_chunk(b"IDAT", rows) + png_chunk(b"IEND")


def _image(mode: str, height: int = _HEIGHT, width: int = _WIDTH) -> Image.Image:
    return Image.new(mode, (width, height), 3)


HEAVY_PICTURES = {
    "JPEG": encode(_image("RGB"), "JPEG"),
    "progressive JPEG": encode(_image("RGB"), "JPEG", progressive=True, subsampling=0),
    "progressive JPEG in CMYK": encode(_image("CMYK"), "JPEG", progressive=True),
    "the same, decoded in full": encode(_image("CMYK", 900, 8888), "JPEG", progressive=True),
    "RGBA PNG on its side": _png(8, 6, 4, png_chunk(b"eXIf", exif(6)[6:])),
    "16-bit RGBA PNG": _png(16, 6, 4),
    "16-bit greyscale PNG": _png(16, 0, 1),
    "PNG with a transparent palette": _png(8, 3, 1, png_chunk(b"PLTE", bytes(768)) + png_chunk(b"tRNS", bytes(256))),
    "1-bit PNG": _png(1, 0, 1),
    "lossless WEBP": encode(_image("RGBA", _HALF), "WEBP", lossless=True, method=0),
    "lossy WEBP with alpha": encode(_image("RGBA", _HALF), "WEBP", method=0),
    "GIF": encode(_image("P"), "GIF", transparency=5),
    "BMP": encode(_image("1"), "BMP"),
    "TIFF of one strip": encode(_image("RGBA", _HALF), "TIFF", compression="tiff_lzw", tiffinfo={278: _HALF}),
    "CMYK TIFF": encode(_image("CMYK", _HALF), "TIFF", compression="tiff_adobe_deflate", tiffinfo={278: _HALF}),
    "TIFF of JPEG": encode(_image("RGB", _HALF), "TIFF", compression="jpeg"),
}
