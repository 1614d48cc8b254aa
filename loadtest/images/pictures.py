"""Varied pictures as JPEG files: pieces of scikit-learn's two sample photographs, the same in every run.

Photographs, because both what decoding costs and what a network answers depend on a picture's statistics.
"""

import io
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from loadtest.errors import LoadTestError

COUNT = 32
MEDIA_TYPE = "image/jpeg"
# Sizes as ImageNet's photographs have them: 500 x 375 pixels and 110 kB on average (image-net.org).
_WIDTHS, _ASPECTS = (440, 560), (1.2, 1.5)
_BYTES = (45_000, 105_000)
_PORTRAITS = 4  # every fourth picture stands upright
_QUALITIES = range(60, 99)
_FILES = ("china.jpg", "flower.jpg")


def photos(count: int = COUNT, seed: int = 0) -> list[bytes]:
    """Return JPEG files of about 500x375 pixels and 40 to 110 kB; another seed gives other pictures.

    Raises LoadTestError without scikit-learn.
    """
    sources = [Image.open(path).convert("RGB") for path in _sources()]
    random = np.random.default_rng(seed)
    return [_photo(sources[place % len(sources)], place, random) for place in range(count)]


def _sources() -> Iterator[Path]:
    found = find_spec("sklearn")  # the package's place; importing it would take a second
    if found is None or found.origin is None:
        raise LoadTestError("scikit-learn, whose photographs are sent, is not installed", "pip install scikit-learn")
    return (Path(found.origin).parent / "datasets" / "images" / name for name in _FILES)


def _photo(source: Image.Image, place: int, random: np.random.Generator) -> bytes:
    width = int(random.integers(*_WIDTHS))
    height = round(width / random.uniform(*_ASPECTS))
    if place % _PORTRAITS == 0:
        width, height = height, width
    picture = _piece(source, width / height, random).resize((width, height), Image.Resampling.LANCZOS)
    if random.random() < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        picture = change(picture).enhance(random.uniform(0.75, 1.3))
    return _encode(picture, int(random.integers(*_BYTES)))


def _piece(source: Image.Image, aspect: float, random: np.random.Generator) -> Image.Image:
    """Return a random rectangle of that aspect, of 60 to 100 % of what fits in."""
    scale = random.uniform(0.6, 1) * min(source.width / aspect, source.height)
    width, height = round(scale * aspect), round(scale)
    left = int(random.integers(source.width - width + 1))
    top = int(random.integers(source.height - height + 1))
    return source.crop((left, top, left + width, top + height))


def _encode(picture: Image.Image, size: int) -> bytes:
    """Return the JPEG of the highest quality that is no larger than `size` bytes: a bisection."""
    low, high = 0, len(_QUALITIES) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if len(_jpeg(picture, _QUALITIES[middle])) <= size:
            low = middle
        else:
            high = middle - 1
    return _jpeg(picture, _QUALITIES[low])


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
