"""What a model wants its pictures to be, and what the gateway allows them to be."""

from dataclasses import dataclass

FILTERS = ("bilinear", "bicubic", "nearest")
MAX_RESIZE = 1024
MAX_PIXELS = 89_478_485  # above this (PIL.Image.MAX_IMAGE_PIXELS) Pillow warns, and a warning may be an error


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """How a picture becomes the model's input: recorded in the model's metadata when it is exported.

    The shorter side is resized to `resize` pixels with `filter` (one of FILTERS), then the central square of `crop`
    pixels is cut out. Raises ValueError for what cannot be done; a crop larger than the resized picture (which
    torchvision would pad with black) is never what a model was trained on.
    """

    resize: int = 256
    crop: int = 224
    filter: str = "bilinear"

    def __post_init__(self) -> None:
        if not 1 <= self.crop <= self.resize <= MAX_RESIZE:
            raise ValueError(f"crop {self.crop}, resize {self.resize}: 1 <= crop <= resize <= {MAX_RESIZE} is needed")
        if self.filter not in FILTERS:
            raise ValueError(f"filter {self.filter!r}: must be one of {', '.join(FILTERS)}")


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What is refused before anything is decoded.

    `max_bytes` of the file, `max_pixels` of the picture (half as many of a WEBP or TIFF, which take more memory),
    `min_side` pixels of the shorter side; the longer side may be `max_aspect` times the shorter, since of a longer
    strip the model would see too little. Decoding takes at most about 12 bytes of memory for each of `max_pixels`: that
    much for a progressive JPEG in CMYK, 4 to 8 for most others, less than 1 for a camera's JPEG, which is decoded at
    reduced size.
    """

    max_bytes: int
    max_pixels: int
    min_side: int = 16
    max_aspect: int = 100

    def __post_init__(self) -> None:
        if not 0 < self.max_pixels <= MAX_PIXELS:
            raise ValueError(f"max_pixels {self.max_pixels}: must be between 1 and {MAX_PIXELS}")
        for name in ("max_bytes", "min_side", "max_aspect"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} {getattr(self, name)}: must be at least 1")
