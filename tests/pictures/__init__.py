"""Pictures, good and hostile, that every test of images shares: made here, byte by byte, or by Pillow as an encoder."""

from tests.pictures.bad import BAD_PICTURES, WHOLE, BadPicture
from tests.pictures.good import GOOD_PICTURES, PHOTO, GoodPicture
from tests.pictures.makers import LIMITS, encode, jpeg, photo, png

__all__ = [
    "BAD_PICTURES",
    "GOOD_PICTURES",
    "LIMITS",
    "PHOTO",
    "WHOLE",
    "BadPicture",
    "GoodPicture",
    "encode",
    "jpeg",
    "photo",
    "png",
]
