"""From a checked file to the model's input: decode, turn upright, flatten, resize, crop.

The result is that of torchvision's `Resize(spec.resize)` and `CenterCrop(spec.crop)` on a PIL picture that was turned
upright and converted to RGB first (torchvision 0.29, transforms/functional.py and _functional_pil.py), bit for bit,
but for large JPEGs (see `_shrink`). Transparent pixels are laid over white; torchvision's loader would show the colour
hidden beneath them.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import BmpImagePlugin, GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin
from PIL.Image import Resampling, Transpose

from preprocessing.image.container import Core
from preprocessing.image.errors import damaged
from preprocessing.image.settings import ImageSpec

# Imported so that Pillow, asked for their formats, need not import all of its plugins.
_PLUGINS = (BmpImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
_FILTERS = {"bilinear": Resampling.BILINEAR, "bicubic": Resampling.BICUBIC, "nearest": Resampling.NEAREST}
_TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
_ON_ITS_SIDE = {5, 6, 7, 8}
_BAND = 128  # rows that are flattened at a time

Size = tuple[int, int]


def tensor(file: Core, format_: str, size: Size, spec: ImageSpec) -> NDArray[np.uint8]:
    """[crop, crop, 3] uint8 RGB, C-contiguous, of a file whose header told `size`. Raises whatever Pillow raises."""
    with Image.open(io.BytesIO(file.data), formats=(format_,)) as image:
        if image.size != size:  # what was checked must be what is decoded
            raise damaged("its header tells two sizes")
        visible = _shrink(image, spec)
        image.load()
        upright = _upright(image, file.orientation)
        if file.orientation in _ON_ITS_SIDE:
            size, visible = size[::-1], visible[::-1]
        resized = _flat(upright).resize(_target(size, spec), _FILTERS[spec.filter], (0, 0, *visible))
        return np.array(_center(resized, spec.crop).convert("RGB"))


def _shrink(image: Image.Image, spec: ImageSpec) -> tuple[float, float]:
    """Have libjpeg decode a large JPEG at a half, a quarter or an eighth; return the size that the picture has then.

    Only as far as the shorter side keeps twice the pixels that the resize asks for; the resize does the rest. Tensors
    of photos (three, enlarged to sides of 1,000 to 7,700 pixels, qualities 75 and 92) differ by 0.1 to 0.6 of 255 on
    average and by 10 at most from those that were decoded in full. With "nearest" they would be another picture.
    """
    width, height = image.size
    for scale in (8, 4, 2):
        if min(width, height) // scale >= 2 * spec.resize and spec.filter != "nearest":
            if image.draft(None, (width // scale, height // scale)) is None:
                break
            return width / scale, height / scale
    return width, height


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    if orientation not in _TURNS:
        return image
    turned = image.transpose(_TURNS[orientation])
    image.close()  # frees its pixels
    return turned


def _target(size: Size, spec: ImageSpec) -> Size:
    """The size to resize to: `spec.resize` for the shorter side, the other in proportion, rounded down."""
    width, height = size
    if width <= height:
        return spec.resize, int(spec.resize * height / width)
    return int(spec.resize * width / height), spec.resize


def _center(image: Image.Image, side: int) -> Image.Image:
    """The central square; half a pixel is rounded to even, as torchvision rounds.

    Resizing the square alone (Pillow's `box`) would be faster, but a box has single precision only: some pixels
    come out one off in nearly all sizes. Nor can rows and columns be resized apart: Pillow 13 takes either first.
    """
    left, top = (round((length - side) / 2) for length in image.size)
    return image.crop((left, top, left + side, top + side))


def _flat(image: Image.Image) -> Image.Image:
    """The picture in RGB, or in L if it is that: resizing one channel gives what resizing three equal ones would.

    In bands, so that the intermediate modes never exist in full size.
    """
    if image.mode in {"RGB", "L"} and "transparency" not in image.info:
        return image
    flat = Image.new("RGB", image.size)
    for top in range(0, image.height, _BAND):
        band = image.crop((0, top, image.width, min(top + _BAND, image.height)))
        flat.paste(_over_white(band), (0, top))
    return flat


def _over_white(image: Image.Image) -> Image.Image:
    """The picture in RGB: the upper 8 of 16 bits, over white where it is transparent."""
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    pixels = image.convert("LA").convert("RGBA") if image.mode == "La" else image.convert("RGBA")
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(pixels, mask=pixels)
    return white
