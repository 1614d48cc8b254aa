"""Colour modes, transparency, orientation, frames: whatever holds the photo shows the photo."""

import struct

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from preprocessing.image import ImageSpec, to_tensor
from tests.pictures import GOOD_PICTURES, LIMITS, PHOTO, encode, photo
from tests.pictures.makers import exif, gif_frame, gif_header, interlaced_png, png, png_chunk

FILES = {picture.name: picture.data for picture in GOOD_PICTURES}
SPEC = ImageSpec(48, 48, "nearest")  # of the photo's height: pixels pass as they are
SQUARE = PHOTO[:, 8:56]
IN_PALETTE = np.asarray(Image.fromarray(PHOTO).quantize(64).convert("RGB"))[:, 8:56]
ALPHA = np.dstack([PHOTO, np.tile(np.arange(0, 256, 4, np.uint8), (48, 1))])


def pixels(file: bytes) -> NDArray[np.int64]:
    """The central square as it was decoded."""
    return to_tensor(file, SPEC, LIMITS).astype(np.int64)


def over_white(color: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Alpha compositing over white, rounded."""
    share = alpha.astype(np.float64)[..., None] / 255
    return np.asarray(np.rint(color * share + 255 * (1 - share)), np.int64)


LOSSLESS = [
    "PNG: RGB", "PNG: 16-bit RGB", "PNG: 16-bit RGB, one transparent", "PNG: interlaced", "PNG: text",
    "PNG: text that unpacks to 20 MB", "PNG: profile that unpacks to 20 MB", "PNG: broken acTL", "PNG: animated",
    "WEBP: lossless", "WEBP: animated", "BMP: 24 bits", "BMP: top row first", "BMP: 32 bits", "TIFF: RGB, raw",
    "TIFF: RGB, tiff_lzw", "TIFF: RGB, tiff_adobe_deflate", "TIFF: RGB, tiff_deflate", "TIFF: RGB, packbits",
    "TIFF: big-endian", "TIFF: 16 bits", "TIFF: in planes", "TIFF: in tiles", "TIFF: rows per strip 4294967295",
    "TIFF: corrupt private tags", "TIFF: two pages",
]  # fmt: skip
PALETTES = [
    "PNG: palette", "GIF: still", "GIF: interlaced", "GIF: animated", "GIF: 50,000 frames", "GIF: huge second frame",
    "GIF: damaged second frame", "GIF: comment", "BMP: palette", "TIFF: palette",
]  # fmt: skip
LOSSY = [
    "JPEG: 4:2:0", "JPEG: 4:4:4", "JPEG: progressive", "JPEG: CMYK", "JPEG: restart markers", "JPEG: optimised",
    "JPEG: corrupt EXIF", "JPEG: EXIF of zeros", "JPEG: EXIF of all ones", "JPEG: EXIF beyond its end",
    "JPEG: ICC profile", "JPEG: comment", "JPEG: 1,500 EXIF segments", "JPEG: broken MPF", "JPEG: orientation 1",
    "JPEG: orientation 9", "JPEG: junk between segments", "JPEG: trailing bytes", "JPEG: two frames (MPO)",
    "WEBP: lossy", "WEBP: ICC profile", "WEBP: corrupt EXIF", "TIFF: RGB, jpeg", "TIFF: CMYK", "BMP: 16 bits",
]  # fmt: skip


@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_files_give_the_photo(name: str) -> None:
    """Each lossless way to store the photo gives exactly its pixels; of several frames, the first."""
    np.testing.assert_array_equal(pixels(FILES[name]), SQUARE)


@pytest.mark.parametrize("name", PALETTES)
def test_palettes_give_their_colours(name: str) -> None:
    """A palette is resolved to the colours that it holds; of several frames, the first."""
    np.testing.assert_array_equal(pixels(FILES[name]), IN_PALETTE)


@pytest.mark.parametrize("name", LOSSY)
def test_lossy_files_resemble_the_photo(name: str) -> None:
    """Lossy coding, and an inverted or unconverted CMYK all the more, would show in the mean difference."""
    assert np.abs(pixels(FILES[name]) - SQUARE).mean() < 8


@pytest.mark.parametrize("name", ["JPEG: greyscale", "PNG: greyscale", "GIF: greyscale", "BMP: greyscale",
                                  "TIFF: greyscale", "PNG: 16-bit greyscale", "TIFF: 16-bit greyscale",
                                  "PNG: 4 bits", "PNG: interlaced, 4 bits", "PNG: 2 bits"])  # fmt: skip
def test_grey_has_three_equal_channels(name: str) -> None:
    """Grey of any depth is scaled to 8 bits (16 bits are not cut off at 255) and repeated."""
    grey = np.asarray(Image.fromarray(PHOTO).convert("L")).astype(int)[:, 8:56]
    tensor = pixels(FILES[name])
    assert (tensor == tensor[..., :1]).all()
    assert np.abs(tensor[..., 0] - grey).mean() < (32 if "2 bits" in name else 8)


@pytest.mark.parametrize("name", ["PNG: 1 bit", "BMP: 1 bit", "TIFF: 1 bit"])
def test_one_bit_is_black_or_white(name: str) -> None:
    """Dithered pixels are 0 or 255, as many of both as the photo is bright."""
    tensor = pixels(FILES[name])
    assert set(np.unique(tensor)) == {0, 255}
    assert abs(tensor.mean() - SQUARE.mean()) < 16


@pytest.mark.parametrize("format_", ["PNG", "WEBP", "TIFF"])
def test_alpha_is_laid_over_white(format_: str) -> None:
    """A transparent pixel shows white, a half transparent one half of each, in every format that has alpha."""
    file = encode(ALPHA, format_, lossless=True, exact=True)  # two options of WEBP, which the others ignore
    expected = over_white(PHOTO, ALPHA[..., 3])[:, 8:56]
    assert np.abs(pixels(file) - expected).max() <= 1


def test_grey_and_alpha_is_laid_over_white() -> None:
    """The same for grey, with 8 and 16 bits."""
    samples = ALPHA[..., 2:]
    expected = over_white(np.repeat(samples[..., :1], 3, axis=2), samples[..., 1])[:, 8:56]
    assert np.abs(pixels(png(samples, 8, 4)) - expected).max() <= 1
    assert np.abs(pixels(png(samples.astype(np.uint16) * 257, 16, 4)) - expected).max() <= 1


def test_transparent_entries_of_a_palette_show_white() -> None:
    """A tRNS chunk gives entries their alpha; entries without one are opaque."""
    indices = np.tile(np.arange(48) % 3, (48, 1))[..., None]
    palette = png_chunk(b"PLTE", bytes([10, 20, 30, 40, 50, 60, 70, 80, 90]))
    tensor = pixels(png(indices, 8, 3, palette + png_chunk(b"tRNS", bytes([0, 51]))))
    assert tensor[0, :3].tolist() == [[255, 255, 255], [212, 214, 216], [70, 80, 90]]


@pytest.mark.parametrize(("depth", "key"), [(1, 1), (2, 1), (4, 7), (8, 200)])
def test_the_transparent_grey_shows_white(depth: int, key: int) -> None:
    """Of greyscale samples of any depth, the transparent one is white and its neighbours are not."""
    highest = (1 << depth) - 1
    samples = np.full((48, 48, 1), key)
    samples[0, :2] = key - 1
    file = png(samples, depth, 0, png_chunk(b"tRNS", struct.pack(">H", key)))
    assert pixels(file)[0, 0, 0] == (key - 1) * 255 // highest
    assert (pixels(file)[1:] == 255).all()


def test_the_transparent_colour_shows_white() -> None:
    """A colour key takes out exactly its colour."""
    square = np.zeros((48, 48, 3), np.uint8) + np.array([1, 2, 3], np.uint8)
    square[0] = [1, 2, 4]
    key = struct.pack(">HHH", 1, 0xFF02, 3)  # bits beyond the depth do not count
    tensor = pixels(png(square, 8, 2, png_chunk(b"tRNS", key)))
    assert (tensor[0] == [1, 2, 4]).all()
    assert (tensor[1:] == 255).all()


@pytest.mark.parametrize("value", range(1, 9))
def test_orientation_is_applied(value: int) -> None:
    """A picture stored in any of the eight orientations is turned upright, to the very pixels (Exif 2.32, 4.6.4)."""
    stored = {
        1: PHOTO, 2: PHOTO[:, ::-1], 3: PHOTO[::-1, ::-1], 4: PHOTO[::-1], 5: PHOTO.transpose(1, 0, 2),
        6: np.rot90(PHOTO), 7: PHOTO[::-1, ::-1].transpose(1, 0, 2), 8: np.rot90(PHOTO, -1),
    }[value]  # fmt: skip
    stored = np.ascontiguousarray(stored)
    files = [
        encode(stored, "PNG", exif=exif(value)),
        png(stored, 8, 2, after=png_chunk(b"eXIf", exif(value)[6:])),
        encode(stored, "WEBP", exif=exif(value), lossless=True),
        encode(stored, "TIFF", tiffinfo={274: value}),
        encode(stored, "TIFF", tiffinfo={274: value}, compression="tiff_lzw"),
    ]
    for file in files:
        np.testing.assert_array_equal(pixels(file), SQUARE)
    assert np.abs(pixels(encode(stored, "JPEG", exif=exif(value))) - SQUARE).mean() < 8


def test_orientation_of_a_picture_decoded_at_reduced_size() -> None:
    """A large JPEG is turned after it was decoded at half its size, and fits its new sides."""
    large = photo(1300, 1100)
    upright = to_tensor(encode(large, "JPEG", subsampling=0), ImageSpec(), LIMITS).astype(int)
    turned = to_tensor(encode(np.rot90(large).copy(), "JPEG", subsampling=0, exif=exif(6)), ImageSpec(), LIMITS)
    assert np.abs(upright - turned).mean() < 1


def test_orientation_in_either_byte_order() -> None:
    """Cameras write EXIF little-endian, too."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, 3, 0)
    block = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + b"\0\0\0\0"
    file = encode(np.ascontiguousarray(PHOTO[::-1, ::-1]), "PNG", exif=block)
    np.testing.assert_array_equal(pixels(file), SQUARE)


@pytest.mark.parametrize("depth", [8, 16])
def test_interlaced_rows_of_any_depth(depth: int) -> None:
    """Adam7's passes end where they belong, in sizes that are no multiple of eight."""
    samples = PHOTO[:47, :61].astype(np.uint16) * (257 if depth == 16 else 1)
    tensor = to_tensor(interlaced_png(samples, depth, 2), ImageSpec(47, 47, "nearest"), LIMITS)
    np.testing.assert_array_equal(tensor, PHOTO[:47, 7:54])


def test_a_frame_that_covers_part_of_the_screen() -> None:
    """A GIF is as large as its screen; where its first frame leaves off, the first colour shows."""
    white = gif_header(300, 200) + gif_frame(298, 199, 1, 1) + b";"
    tensor = to_tensor(white, ImageSpec(200, 200, "nearest"), LIMITS)
    assert tensor.shape == (200, 200, 3)
    assert (tensor == [0x20, 0x40, 0x60]).all()
