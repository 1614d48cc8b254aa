"""Made-up scenes, for comparing two models and for the readiness check: no photo has to be shipped.

Textures alone would leave out what photos are full of: areas, hard edges, stripes.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from converters.image.core import SIDE
from converters.image.pictures import pictures

SEED = 20_152  # not that of the pictures on which random weights are tuned
_SHAPES = 12


def scenes(count: int, seed: int = SEED) -> NDArray[np.uint8]:
    """RGB [count, 224, 224, 3]: textures with stripes, discs and rectangles on them; the first are always the same."""
    grounds = pictures(count, seed)
    return np.stack([_scene(ground, np.random.default_rng([seed, number])) for number, ground in enumerate(grounds)])


def _scene(ground: NDArray[np.uint8], draw: np.random.Generator) -> NDArray[np.uint8]:
    striped = ground + draw.uniform(0, 50) * _stripes(draw)
    image = Image.fromarray(np.clip(striped, 0, 255).astype(np.uint8))
    canvas = ImageDraw.Draw(image)
    for _ in range(draw.integers(0, _SHAPES + 1)):
        left, top = draw.integers(-40, SIDE, 2)
        width, height = draw.integers(8, 120, 2)
        box = (int(left), int(top), int(left + width), int(top + height))
        red, green, blue = (int(value) for value in draw.integers(0, 256, 3))
        (canvas.ellipse if draw.random() < 0.5 else canvas.rectangle)(box, fill=(red, green, blue))
    return np.asarray(image)


def _stripes(draw: np.random.Generator) -> NDArray[np.float64]:
    """A wave [224, 224, 3] in any direction, of 3 to 100 pixels, in one colour."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    angle, length = draw.uniform(0, np.pi), draw.uniform(3, 100)
    wave = np.sin((rows * np.sin(angle) + columns * np.cos(angle)) * 2 * np.pi / length)
    return np.asarray(wave[:, :, None] * draw.uniform(-1, 1, 3))
