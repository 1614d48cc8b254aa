"""TIFF files: a directory of tags that points to strips or tiles of pixels (Adobe, TIFF 6.0).

The first directory is checked here and replaced by one with only the tags that decoding needs: no other page, no
private tag and no metadata is left for Pillow to read.
"""

from typing import NamedTuple

import numpy as np

from preprocessing.image import exif
from preprocessing.image.container import Core
from preprocessing.image.errors import InvalidImageError, damaged, truncated
from preprocessing.image.tiff_directory import Tags, read, replaced


class _Rule(NamedTuple):
    """How many values a tag may have, the value that counts when it is missing, and which values are decoded."""

    most: int = 1
    default: int | None = None
    allowed: tuple[int, ...] = ()
    name: str = ""


_MAX_PARTS = 65_536  # strips or tiles: Pillow makes a Python object of each
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES, _PLANAR = 256, 257, 258, 259, 262, 277, 284
_OFFSETS, _COUNTS, _ROWS = 273, 279, 278
_TILE_OFFSETS, _TILE_COUNTS, _TILE_WIDTH, _TILE_HEIGHT = 324, 325, 322, 323
_JPEG, _WHITE_IS_ZERO, _YCBCR = 7, 0, 6

_RULES = {
    _WIDTH: _Rule(),
    _HEIGHT: _Rule(),
    _BITS: _Rule(8, 1, (1, 2, 4, 8, 16), "bits per sample"),
    _COMPRESSION: _Rule(1, 1, (1, 5, _JPEG, 8, 32773, 32946), "compression"),  # none, LZW, JPEG, Deflate, PackBits
    _PHOTOMETRIC: _Rule(1, None, (_WHITE_IS_ZERO, 1, 2, 3, 5, _YCBCR), "colour space"),  # grey, RGB, palette, CMYK
    266: _Rule(1, 1, (1,), "order of bits"),  # to reverse it, libtiff copies every strip
    _OFFSETS: _Rule(_MAX_PARTS),
    _SAMPLES: _Rule(1, 1, (1, 2, 3, 4, 5), "samples per pixel"),
    _ROWS: _Rule(1, 2**32 - 1),
    _COUNTS: _Rule(_MAX_PARTS),
    _PLANAR: _Rule(1, 1, (1, 2), "layout"),
    317: _Rule(1, 1, (1, 2), "predictor"),
    320: _Rule(3 * 256),  # palette
    _TILE_WIDTH: _Rule(),
    _TILE_HEIGHT: _Rule(),
    _TILE_OFFSETS: _Rule(_MAX_PARTS),
    _TILE_COUNTS: _Rule(_MAX_PARTS),
    332: _Rule(1, 1, (1,), "inks"),  # CMYK
    338: _Rule(4),  # what the samples beyond the colours are: alpha
    339: _Rule(8, 1, (1,), "sample format"),  # unsigned: nothing says how bright a float or a negative number is
    347: _Rule(65_536),  # tables of JPEG
    530: _Rule(2),  # subsampling of chroma
}


def size(data: bytes) -> tuple[int, int]:
    """Width and height from the first directory, as stored (before the orientation is applied)."""
    tags = read(data, {_WIDTH: 1, _HEIGHT: 1})
    if len(tags) < 2:
        raise damaged("no size in its directory")
    return tags[_WIDTH][0], tags[_HEIGHT][0]


def core(data: bytes) -> Core:
    """The file with a directory of its first page alone; the orientation from that page."""
    tags: Tags = {tag: (rule.default,) for tag, rule in _RULES.items() if rule.default is not None}
    tags |= read(data, {tag: rule.most for tag, rule in _RULES.items()})
    _check_values(tags)
    _check_parts(tags, len(data))
    return Core(replaced(data, tags), exif.orientation(data))


def _check_values(tags: Tags) -> None:
    for tag, values in tags.items():
        rule = _RULES[tag]
        for value in values:
            if rule.allowed and value not in rule.allowed:
                allowed = ", ".join(map(str, rule.allowed))
                raise InvalidImageError(f"The TIFF's {rule.name} is not decoded; send PNG or JPEG.", allowed, value)
    if _PHOTOMETRIC not in tags:
        raise damaged("no colour space in its directory")
    if _confuses_pillow(max(tags[_BITS]), tags):
        raise InvalidImageError("The TIFF's combination of bits and colour space is not decoded; send PNG or JPEG.")


def _confuses_pillow(bits: int, tags: Tags) -> bool:
    """Whether Pillow would show wrong colours.

    It takes planes of 16 bits for planes of 8, does not invert 16 bits, and knows subsampled chroma from JPEG only.
    """
    photometric = tags[_PHOTOMETRIC][0]
    wide = bits == 16 and (photometric == _WHITE_IS_ZERO or tags[_PLANAR] == (2,))
    return min(tags[_BITS]) != bits or wide or (photometric == _YCBCR and tags[_COMPRESSION] != (_JPEG,))


def _check_parts(tags: Tags, length: int) -> None:
    """As many strips or tiles as the size asks for, each within the file, together no longer than it.

    Parts that overlap could be many times longer than the file, and as much work.
    """
    tiled = _TILE_OFFSETS in tags
    expected = _tiles(tags) if tiled else _strips(tags)
    offsets = tags.get(_TILE_OFFSETS if tiled else _OFFSETS, ())
    counts = tags.get(_TILE_COUNTS if tiled else _COUNTS, ())
    if not len(offsets) == len(counts) == expected * (tags[_SAMPLES][0] if tags[_PLANAR] == (2,) else 1):
        raise damaged("a wrong number of strips or tiles")
    ends = np.asarray(offsets, np.int64) + np.asarray(counts, np.int64)
    if ends.max() > length or sum(counts) > length:
        raise truncated()


def _strips(tags: Tags) -> int:
    """How many strips there must be; tags of tiles go."""
    for tag in (_TILE_WIDTH, _TILE_HEIGHT, _TILE_COUNTS):
        tags.pop(tag, None)
    rows = max(1, min(tags[_ROWS][0], tags[_HEIGHT][0]))
    tags[_ROWS] = (rows,)
    return -(-tags[_HEIGHT][0] // rows)


def _tiles(tags: Tags) -> int:
    """How many tiles there must be; tags of strips go."""
    for tag in (_OFFSETS, _COUNTS, _ROWS):
        tags.pop(tag, None)
    number = 1
    for side, tile in ((_WIDTH, _TILE_WIDTH), (_HEIGHT, _TILE_HEIGHT)):
        (pixels,) = tags.get(tile, (0,))
        if not 0 < pixels <= max(2048, tags[side][0] + 15):  # a tile is unpacked as a whole
            raise damaged("tiles of an impossible size")
        number *= -(-tags[side][0] // pixels)
    return number
