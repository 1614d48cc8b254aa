"""Pictures that are classified: all that cameras, phones, browsers, scanners and designers send."""

import io
from typing import NamedTuple

import numpy as np
from PIL import Image

from tests.pictures.makers import (
    encode,
    exif,
    jpeg,
    jpeg_segment,
    jpeg_with,
    packed_png,
    photo,
    png,
    png_chunk,
)


class GoodPicture(NamedTuple):
    """A file, and the media type that its sender declares."""

    name: str
    data: bytes
    media_type: str | None


_PHOTO = photo(64, 48)
_IMAGE = Image.fromarray(_PHOTO)
_ALPHA = np.dstack([_PHOTO, photo(64, 48)[..., 2]])
_GREY = _IMAGE.convert("L")
_GREY16 = np.asarray(_GREY).astype(np.uint16) * 256 + 17
_PALETTE = _IMAGE.quantize(64)
_OTHER = Image.fromarray(photo(64, 48)[::-1])


def _jpegs() -> dict[str, bytes]:
    return {
        "4:2:0": jpeg(),
        "4:4:4": jpeg(subsampling=0),
        "progressive": jpeg(progressive=True),
        "greyscale": encode(_GREY, "JPEG"),
        "CMYK": encode(_IMAGE.convert("CMYK"), "JPEG"),
        "odd size": jpeg(67, 43),
        "larger": jpeg(900, 700),
        "drafted": jpeg(2000, 1500),
        "panorama": jpeg(1000, 50),
        "smallest": jpeg(16, 16),
        "restart markers": jpeg(restart_marker_blocks=1),
        "optimised": jpeg(optimize=True),
        **{f"orientation {value}": jpeg(exif=exif(value)) for value in range(1, 9)},
        "orientation 9": jpeg(exif=exif(9)),
        "corrupt EXIF": jpeg(exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12"),
        "EXIF of zeros": jpeg(exif=b"Exif\0\0" + b"\0" * 60_000),
        "EXIF beyond its end": jpeg(exif=exif(6)[:-6]),
        "ICC profile": jpeg(icc_profile=b"\x7f" * 200_000),
        "comment": jpeg(comment=b"\xff\xd9 not the end"),
        "broken MPF": jpeg_with(jpeg_segment(0xE2, b"MPF\0MM\0*" + b"\xff" * 60)),
        "trailing bytes": jpeg() + b"\0" * 1000,
        "two frames (MPO)": encode(_IMAGE, "MPO", save_all=True, append_images=[_OTHER.copy()]),
    }


def _pngs() -> dict[str, bytes]:
    two_bits, four_bits = np.asarray(_GREY) >> 6, np.asarray(_GREY) >> 4
    return {
        "RGB": encode(_PHOTO, "PNG"),
        "RGBA": encode(_ALPHA, "PNG"),
        "fully transparent": encode(np.zeros((48, 64, 4), np.uint8), "PNG"),
        "palette": encode(_PALETTE, "PNG"),
        "palette, one transparent": encode(_PALETTE, "PNG", transparency=3),
        "palette with alpha": encode(_PALETTE, "PNG", transparency=bytes(range(0, 256, 4))),
        "greyscale": encode(_GREY, "PNG"),
        "greyscale and alpha": encode(_ALPHA, "PNG", mode="LA"),
        "1 bit": encode(_IMAGE, "PNG", mode="1"),
        "2 bits": packed_png(two_bits, 2, 0),
        "4 bits": packed_png(four_bits, 4, 0),
        "4 bits, one transparent": packed_png(four_bits, 4, 0, png_chunk(b"tRNS", b"\0\7")),
        "colour key": encode(_PHOTO, "PNG", transparency=tuple(int(value) for value in _PHOTO[5, 5])),
        "16-bit greyscale": png(_GREY16[..., None], 16, 0),
        "16-bit greyscale, one transparent": png(_GREY16[..., None], 16, 0, png_chunk(b"tRNS", b"\x40\x11")),
        "16-bit RGB": png(_PHOTO.astype(np.uint16) * 257, 16, 2),
        "16-bit RGB, one transparent": png(_PHOTO.astype(np.uint16) * 257, 16, 2, png_chunk(b"tRNS", b"\1\2\1\2\1\2")),
        "16-bit greyscale and alpha": png(_ALPHA[..., :2].astype(np.uint16) * 257, 16, 4),
        "16-bit RGBA": png(_ALPHA.astype(np.uint16) * 257, 16, 6),
        "orientation": encode(_PHOTO, "PNG", exif=exif(6)),
        "corrupt eXIf": png(_PHOTO, 8, 2, png_chunk(b"eXIf", b"MM\0*\xff\xff\xff\xff")),
        "text": png(_PHOTO, 8, 2, png_chunk(b"tEXt", b"Comment\0hello"), png_chunk(b"tEXt", b"Late\0hello")),
        "private chunk": png(_PHOTO, 8, 2, png_chunk(b"prVt", b"\0" * 100)),
        "animated": encode(_IMAGE, "PNG", save_all=True, append_images=[_OTHER.copy()], duration=50),
    }


def _webps() -> dict[str, bytes]:
    animated = io.BytesIO()
    _IMAGE.save(animated, "WEBP", save_all=True, append_images=[_OTHER.copy(), _GREY.copy()], duration=50)
    return {
        "lossy": encode(_PHOTO, "WEBP"),
        "lossless": encode(_PHOTO, "WEBP", lossless=True),
        "lossy with alpha": encode(_ALPHA, "WEBP"),
        "lossless with alpha": encode(_ALPHA, "WEBP", lossless=True),
        "orientation": encode(_PHOTO, "WEBP", exif=exif(6)),
        "corrupt EXIF": encode(_PHOTO, "WEBP", exif=b"II*\0" + b"\xff" * 50),
        "animated": animated.getvalue(),
    }


def _gifs() -> dict[str, bytes]:
    moved = Image.new("P", (30, 20), 1)
    return {
        "still": encode(_PALETTE, "GIF"),
        "greyscale": encode(_GREY, "GIF"),
        "transparent": encode(_PALETTE, "GIF", transparency=2),
        "interlaced": encode(_PALETTE, "GIF", interlace=1),
        "animated": encode(_PALETTE, "GIF", save_all=True, append_images=[_OTHER.quantize(16), moved], duration=50),
        "comment": encode(_PALETTE, "GIF", comment=b"hello" * 100),
    }


def _bmps() -> dict[str, bytes]:
    return {
        "24 bits": encode(_PHOTO, "BMP"),
        "palette": encode(_PALETTE, "BMP"),
        "greyscale": encode(_GREY, "BMP"),
        "1 bit": encode(_IMAGE, "BMP", mode="1"),
        "with alpha": encode(_ALPHA, "BMP"),
    }


def _tiffs() -> dict[str, bytes]:
    return {
        **{
            f"RGB, {compression}": encode(_PHOTO, "TIFF", compression=compression)
            for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
        },
        "1 bit": encode(_IMAGE, "TIFF", mode="1"),
        "RGBA": encode(_ALPHA, "TIFF"),
        "palette": encode(_PALETTE, "TIFF"),
        "greyscale": encode(_GREY, "TIFF"),
        "16-bit greyscale": encode(_GREY16, "TIFF"),
        "CMYK": encode(_IMAGE.convert("CMYK"), "TIFF"),
        "orientation": encode(_PHOTO, "TIFF", tiffinfo={274: 6}),
        "two pages": encode(_PHOTO, "TIFF", compression="tiff_lzw", save_all=True, append_images=[_OTHER.copy()]),
    }


_MEDIA_TYPES = {"JPEG": _jpegs, "PNG": _pngs, "WEBP": _webps, "GIF": _gifs, "BMP": _bmps, "TIFF": _tiffs}
_JPEG = jpeg()

GOOD_PICTURES = [
    GoodPicture(f"{format_}: {name}", data, f"image/{format_.lower()}")
    for format_, make in _MEDIA_TYPES.items()
    for name, data in make().items()
] + [
    GoodPicture("no media type", _JPEG, None),
    GoodPicture("any bytes", _JPEG, "application/octet-stream"),
    GoodPicture("any image", _JPEG, "image/*"),
]
