"""Pictures: bytes of a file in, the uint8 tensor that the model reads out."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, TiffImagePlugin, WebPImagePlugin  # noqa: F401  registers the two formats

from preprocessing.image.errors import (
    ImageError,
    ImageTooLargeError,
    InvalidImageError,
    NotAnImageError,
    WrongFormatError,
)
from preprocessing.image.settings import ImageLimits, ImageSpec

__all__ = [
    "MEDIA_TYPES",
    "ImageError",
    "ImageLimits",
    "ImageSpec",
    "ImageTooLargeError",
    "InvalidImageError",
    "NotAnImageError",
    "WrongFormatError",
    "check_header",
    "to_tensor",
]

MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
}
_ANY = {"application/octet-stream", "image/*"}
_FILTERS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "nearest": Image.Resampling.NEAREST,
}


def check_header(data: bytes, limits: ImageLimits, media_type: str | None = None) -> None:
    """Refuse what its header already condemns; nothing is decoded."""
    _open(data, limits, media_type)


def to_tensor(data: bytes, spec: ImageSpec, limits: ImageLimits, media_type: str | None = None) -> NDArray[np.uint8]:
    """Decode, resize and crop: [crop, crop, 3] uint8 RGB. Raises ImageError only."""
    image = _open(data, limits, media_type)
    try:
        image.draft("RGB", (spec.resize * 2, spec.resize * 2))
        upright = ImageOps.exif_transpose(image)
        if upright.has_transparency_data:
            rgba = upright.convert("RGBA")
            upright = Image.new("RGB", rgba.size, (255, 255, 255))
            upright.paste(rgba, mask=rgba)
        rgb = upright.convert("RGB")
        short = min(rgb.size)
        size = tuple(spec.resize if side == short else int(spec.resize * side / short) for side in rgb.size)
        resized = rgb.resize(size, _FILTERS[spec.filter])
        left, top = (round((side - spec.crop) / 2) for side in resized.size)
        return np.ascontiguousarray(resized.crop((left, top, left + spec.crop, top + spec.crop)))
    except Exception as error:
        raise InvalidImageError("The image is truncated or damaged.") from error


def _open(data: bytes, limits: ImageLimits, media_type: str | None) -> Image.Image:
    if not data:
        raise InvalidImageError("The image is empty.")
    if len(data) > limits.max_bytes:
        raise ImageTooLargeError("The image has too many bytes.", limits.max_bytes, len(data))
    try:
        image = Image.open(io.BytesIO(data), formats=list(MEDIA_TYPES))
    except Exception as error:
        raise NotAnImageError("The content is not an image of an accepted format.") from error
    found = MEDIA_TYPES[image.format or ""]
    if media_type is not None and media_type not in _ANY and media_type != found:
        raise WrongFormatError("The image is of another format than declared.", media_type, found)
    width, height = image.size
    if width * height > limits.max_pixels:
        raise InvalidImageError("The image has too many pixels.", limits.max_pixels, width * height)
    if min(width, height) < limits.min_side:
        raise InvalidImageError("The image is too narrow.", limits.min_side, min(width, height))
    return image
