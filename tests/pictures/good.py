"""Pictures that are classified: all that cameras, phones, browsers, scanners and designers send.

Most show the same photo of 64x48 pixels.
"""

import io
import struct
import zlib
from typing import NamedTuple

import numpy as np
from PIL import Image

from tests.pictures.makers import (
    bmp_header,
    encode,
    exif,
    gif_frame,
    interlaced_png,
    jpeg,
    jpeg_segment,
    jpeg_with,
    longs,
    photo,
    png,
    png_chunk,
    tiff_rgb,
)


class GoodPicture(NamedTuple):
    """A file, and the media type that its sender declares."""

    name: str
    data: bytes
    media_type: str | None


PHOTO = photo(64, 48)
_IMAGE = Image.fromarray(PHOTO)
_ALPHA = np.dstack([PHOTO, photo(64, 48)[..., 2]])
_GREY = _IMAGE.convert("L")
_LEVELS = np.asarray(_GREY)
_WIDE = PHOTO.astype(np.uint16) * 257
_WIDE_ALPHA = _ALPHA.astype(np.uint16) * 257
_PALETTE = _IMAGE.quantize(64)
_OTHER = Image.fromarray(PHOTO[::-1].copy())
_BOMB = zlib.compress(bytes(20_000_000))


def _jpegs() -> dict[str, bytes]:
    return {
        "4:2:0": jpeg(),
        "4:4:4": jpeg(subsampling=0),
        "progressive": jpeg(progressive=True),
        "greyscale": encode(_GREY, "JPEG"),
        "CMYK": encode(_IMAGE.convert("CMYK"), "JPEG", subsampling=0, quality=95),
        "odd size": jpeg(67, 43),
        "larger": jpeg(600, 500),
        "drafted": jpeg(1100, 1030),
        "drafted, CMYK": encode(photo(1030, 1040), "JPEG", mode="CMYK"),
        "drafted, on its side": jpeg(1040, 1030, exif=exif(6)),
        "panorama": jpeg(1000, 50),
        "smallest": jpeg(16, 16),
        "restart markers": jpeg(restart_marker_blocks=1),
        "optimised": jpeg(optimize=True),
        **{f"orientation {value}": jpeg(exif=exif(value)) for value in range(1, 9)},
        "orientation 9": jpeg(exif=exif(9)),
        "corrupt EXIF": jpeg(exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12"),
        "EXIF of zeros": jpeg(exif=b"Exif\0\0" + b"\0" * 60_000),
        "EXIF of all ones": jpeg(exif=b"Exif\0\0II*\0\x08\0\0\0" + b"\xff" * 60_000),
        "EXIF beyond its end": jpeg(exif=exif(6)[:-12]),
        "ICC profile": jpeg(icc_profile=b"\x7f" * 200_000),
        "comment": jpeg(comment=b"\xff\xd9 not the end \xff\xda"),
        "1,500 EXIF segments": jpeg_with(jpeg_segment(0xE1, exif(1)) * 1500),
        "broken MPF": jpeg_with(jpeg_segment(0xE2, b"MPF\0MM\0*" + b"\xff" * 60)),
        "junk between segments": jpeg_with(jpeg_segment(0xE1, b"") + b"\0\1\2\3"),
        "trailing bytes": jpeg() + b"\0" * 1000,
        "two frames (MPO)": encode(_IMAGE, "MPO", save_all=True, append_images=[_OTHER.copy()]),
    }


def _pngs() -> dict[str, bytes]:
    grey, wide_grey = _LEVELS[..., None], _LEVELS[..., None].astype(np.uint16) * 256 + 17
    return {
        "RGB": encode(PHOTO, "PNG"),
        "RGBA": encode(_ALPHA, "PNG"),
        "fully transparent": encode(np.zeros((48, 64, 4), np.uint8), "PNG"),
        "palette": encode(_PALETTE, "PNG"),
        "palette, one transparent": encode(_PALETTE, "PNG", transparency=3),
        "palette with alpha": encode(_PALETTE, "PNG", transparency=bytes(range(0, 256, 4))),
        "greyscale": encode(_GREY, "PNG"),
        "greyscale and alpha": encode(_ALPHA, "PNG", mode="LA"),
        "1 bit": encode(_IMAGE, "PNG", mode="1"),
        "1 bit, one transparent": png(_LEVELS >> 7, 1, 0, png_chunk(b"tRNS", b"\0\1")),
        "2 bits": png(_LEVELS >> 6, 2, 0),
        "4 bits": png(_LEVELS >> 4, 4, 0),
        "4 bits, one transparent": png(_LEVELS >> 4, 4, 0, png_chunk(b"tRNS", b"\0\7")),
        "colour key": encode(PHOTO, "PNG", transparency=tuple(int(value) for value in PHOTO[5, 5])),
        "16-bit greyscale": png(wide_grey, 16, 0),
        "16-bit greyscale, one transparent": png(wide_grey, 16, 0, png_chunk(b"tRNS", b"\x40\x11")),
        "16-bit RGB": png(_WIDE, 16, 2),
        "16-bit RGB, one transparent": png(_WIDE, 16, 2, png_chunk(b"tRNS", b"\1\2\1\2\1\2")),
        "16-bit greyscale and alpha": png(_WIDE_ALPHA[..., 2:], 16, 4),
        "16-bit RGBA": png(_WIDE_ALPHA, 16, 6),
        "interlaced": interlaced_png(PHOTO, 8, 2),
        "interlaced, 4 bits": interlaced_png(_LEVELS >> 4, 4, 0),
        "orientation": encode(PHOTO, "PNG", exif=exif(6)),
        "orientation behind the data": png(PHOTO, 8, 2, after=png_chunk(b"eXIf", exif(6)[6:])),
        "corrupt eXIf": png(PHOTO, 8, 2, png_chunk(b"eXIf", b"MM\0*\xff\xff\xff\xff")),
        "text": png(PHOTO, 8, 2, png_chunk(b"tEXt", b"Comment\0hello"), png_chunk(b"tEXt", b"Late\0hello")),
        "text that unpacks to 20 MB": png(PHOTO, 8, 2, png_chunk(b"zTXt", b"Comment\0\0" + _BOMB) * 20),
        "profile that unpacks to 20 MB": png(PHOTO, 8, 2, png_chunk(b"iCCP", b"ICC\0\0" + _BOMB)),
        "broken acTL": png(PHOTO, 8, 2, png_chunk(b"acTL", bytes(8))),
        "private chunk": png(grey, 8, 0, png_chunk(b"prVt", b"\0" * 100)),
        "animated": encode(_IMAGE, "PNG", save_all=True, append_images=[_OTHER.copy()], duration=50),
    }


def _webps() -> dict[str, bytes]:
    animated = io.BytesIO()
    _IMAGE.save(animated, "WEBP", save_all=True, append_images=[_OTHER, _GREY], duration=50, lossless=True)
    return {
        "lossy": encode(PHOTO, "WEBP"),
        "lossless": encode(PHOTO, "WEBP", lossless=True),
        "lossy with alpha": encode(_ALPHA, "WEBP"),
        "lossless with alpha": encode(_ALPHA, "WEBP", lossless=True),
        "orientation": encode(PHOTO, "WEBP", exif=exif(6), lossless=True),
        "ICC profile": encode(PHOTO, "WEBP", icc_profile=b"\x7f" * 999),
        "corrupt EXIF": encode(PHOTO, "WEBP", exif=b"II*\0" + b"\xff" * 50),
        "animated": animated.getvalue(),
    }


def _gifs() -> dict[str, bytes]:
    still = encode(_PALETTE, "GIF")
    return {
        "still": still,
        "greyscale": encode(_GREY, "GIF"),
        "transparent": encode(_PALETTE, "GIF", transparency=2),
        "interlaced": encode(_PALETTE, "GIF", interlace=1),
        "animated": encode(_PALETTE, "GIF", save_all=True, append_images=[_OTHER.quantize(16)], duration=50),
        "50,000 frames": still[:-1] + gif_frame(0, 0, 1, 1) * 50_000 + b";",
        "huge second frame": still[:-1] + gif_frame(0, 0, 65_535, 65_535) + b";",
        "damaged second frame": still[:-1] + b",\xff",
        "comment": encode(_PALETTE, "GIF", comment=b"hello" * 100),
    }


def _bmps() -> dict[str, bytes]:
    top_down = bmp_header(64, -48) + PHOTO[..., ::-1].tobytes()
    high_color = (PHOTO >> 3).astype("<u2") @ np.array([1 << 10, 1 << 5, 1], "<u2")
    return {
        "24 bits": encode(PHOTO, "BMP"),
        "palette": encode(_PALETTE, "BMP"),
        "greyscale": encode(_GREY, "BMP"),
        "1 bit": encode(_IMAGE, "BMP", mode="1"),
        "with alpha": encode(_ALPHA, "BMP"),
        "top row first": top_down,
        "16 bits": bmp_header(64, -48, 16) + high_color.astype("<u2").tobytes(),
        "32 bits": bmp_header(64, -48, 32) + np.dstack([PHOTO[..., ::-1], PHOTO[..., :1]]).tobytes(),
    }


def _tiffs() -> dict[str, bytes]:
    planes = PHOTO.transpose(2, 0, 1).tobytes()
    tiles = [PHOTO[y : y + 16, x : x + 32].tobytes() for y in range(0, 48, 16) for x in range(0, 64, 32)]
    return {
        **{
            f"RGB, {compression}": encode(PHOTO, "TIFF", compression=compression)
            for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "jpeg")
        },
        "big-endian": tiff_rgb(64, 48, PHOTO.tobytes(), ">"),
        "16 bits": tiff_rgb(64, 48, _WIDE.astype("<u2").tobytes(), t258=(3, 3, struct.pack("<HHH", 16, 16, 16))),
        "in planes": tiff_rgb(64, 48, planes, t273=longs(8, 3080, 6152), t279=longs(3072, 3072, 3072), t284=(3, 1, 2)),
        "in tiles": tiff_rgb(64, 48, b"".join(tiles), t322=(4, 1, 32), t323=(4, 1, 16),
                             t324=longs(*range(8, 8 + 1536 * 6, 1536)), t325=longs(*[1536] * 6)),
        "rows per strip 4294967295": tiff_rgb(64, 48, PHOTO.tobytes(), t278=(4, 1, 2**32 - 1)),
        "corrupt private tags": tiff_rgb(64, 48, PHOTO.tobytes(), t700=(1, 2**32 - 1, b"\xff"), t34665=(4, 1, 2**31)),
        "1 bit": encode(_IMAGE, "TIFF", mode="1"),
        "RGBA": encode(_ALPHA, "TIFF"),
        "greyscale and alpha": encode(_ALPHA, "TIFF", mode="LA"),
        "palette": encode(_PALETTE, "TIFF"),
        "greyscale": encode(_GREY, "TIFF"),
        "16-bit greyscale": encode(_LEVELS.astype(np.uint16) * 256 + 17, "TIFF"),
        "CMYK": encode(_IMAGE.convert("CMYK"), "TIFF"),
        "orientation": encode(PHOTO, "TIFF", tiffinfo={274: 6}),
        "two pages": encode(PHOTO, "TIFF", compression="tiff_lzw", save_all=True, append_images=[_OTHER.copy()]),
    }  # fmt: skip


_MAKERS = {"JPEG": _jpegs, "PNG": _pngs, "WEBP": _webps, "GIF": _gifs, "BMP": _bmps, "TIFF": _tiffs}
_JPEG = jpeg()

GOOD_PICTURES = [
    GoodPicture(f"{format_}: {name}", data, f"image/{format_.lower()}")
    for format_, make in _MAKERS.items()
    for name, data in make().items()
] + [
    GoodPicture("no media type", _JPEG, None),
    GoodPicture("any bytes", _JPEG, "application/octet-stream"),
    GoodPicture("any image", _JPEG, "image/*"),
    GoodPicture("another name for JPEG", _JPEG, "image/jpg"),
    GoodPicture("media type with a parameter", _JPEG, "IMAGE/JPEG; charset=binary"),
]
