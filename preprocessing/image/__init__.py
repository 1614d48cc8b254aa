"""Pictures: the bytes of a file in, the uint8 tensor that the model reads out.

::

    bytes ── sniff, media type ── size from the header, limits ── core: the file without all that is not pixels
          ── decode ── upright ── RGB over white ── resize, crop ── [crop, crop, 3] uint8

Nothing is decoded before the header has passed, and what is decoded is bounded by the limits alone. All functions
are pure and may run in any number of threads; the heavy parts (Pillow's decoders and its resize) release the GIL.

Whatever the bytes, nothing but an ImageError is raised, and no warning is given. A truncated file is refused, a damaged
one where its format lets the damage be seen. PNG has checksums; JPEG, GIF and WEBP have none, and a flipped bit that
leaves their code valid shows, as in any browser. So do the missing last scans of a progressive JPEG that was closed
properly.
"""

import struct
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from preprocessing.image import bmp, gif, jpeg, pixels, png, tiff, webp
from preprocessing.image.container import Container
from preprocessing.image.errors import (
    ImageError,
    ImageTooLargeError,
    InvalidImageError,
    NotAnImageError,
    WrongFormatError,
    truncated,
)
from preprocessing.image.formats import MEDIA_TYPES, check_media_type, sniff
from preprocessing.image.settings import FILTERS, ImageLimits, ImageSpec

__all__ = [
    "FILTERS",
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

_CONTAINERS: dict[str, Container] = {"JPEG": jpeg, "PNG": png, "WEBP": webp, "GIF": gif, "BMP": bmp, "TIFF": tiff}
_COSTS = {"WEBP": 2, "TIFF": 2}  # of a pixel, measured in memory: the decoder itself holds one or two more copies
_T = TypeVar("_T")


def check_header(data: bytes, limits: ImageLimits, media_type: str | None = None) -> None:
    """Refuse what its length, its first bytes or its header condemn; nothing is decoded, most files take microseconds.

    `media_type` is what the client declared, parameters allowed; None or one that fits any image accepts all formats.
    Raises ImageTooLargeError, NotAnImageError, WrongFormatError or InvalidImageError.
    """
    _header(data, limits, media_type)


def to_tensor(data: bytes, spec: ImageSpec, limits: ImageLimits, media_type: str | None = None) -> NDArray[np.uint8]:
    """Decode, resize and crop: [crop, crop, 3] uint8 RGB, C-contiguous and writable. Raises ImageError only."""
    name, size = _header(data, limits, media_type)
    file = _read(lambda: _CONTAINERS[name].core(data))
    return _read(lambda: pixels.tensor(file, name, size, spec))


def _header(data: bytes, limits: ImageLimits, media_type: str | None) -> tuple[str, tuple[int, int]]:
    if not data:
        raise InvalidImageError("The image is empty.", 1, 0)
    if len(data) > limits.max_bytes:
        raise ImageTooLargeError("The image has too many bytes.", limits.max_bytes, len(data))
    name = sniff(data)
    check_media_type(media_type, name)
    size = _read(lambda: _CONTAINERS[name].size(data))
    _check_size(name, size, limits)
    return name, size


def _check_size(name: str, size: tuple[int, int], limits: ImageLimits) -> None:
    short, long = sorted(size)
    most = limits.max_pixels // _COSTS.get(name, 1)
    if short * long > most:
        raise InvalidImageError(f"The image has too many pixels for {name}.", most, short * long)
    if short < limits.min_side:
        raise InvalidImageError("The image's shorter side has too few pixels.", limits.min_side, short)
    if long > short * limits.max_aspect:
        raise InvalidImageError("The image's longer side is too long for its shorter side.",
                                short * limits.max_aspect, long)  # fmt: skip


def _read(step: Callable[[], _T]) -> _T:
    """The step's result; what goes wrong in it is the file's fault."""
    try:
        return step()
    except ImageError:
        raise
    except (IndexError, struct.error) as error:
        raise truncated() from error
    except Exception as error:  # decoders raise anything for hostile files: SyntaxError, KeyError, MemoryError ...
        raise InvalidImageError("The image is truncated, damaged or of a kind that is not decoded.") from error
