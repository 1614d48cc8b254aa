"""What a model wants its pictures to be, and what the gateway allows them to be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """How a picture becomes the model's input: recorded in the model's metadata when it is exported.

    The shorter side is resized to `resize` pixels with `filter`, then the central square of `crop` pixels is cut out.
    """

    resize: int = 256
    crop: int = 224
    filter: str = "bilinear"


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What is refused before it is decoded: bytes of the file, pixels of the picture, pixels of its shorter side."""

    max_bytes: int
    max_pixels: int
    min_side: int = 16
