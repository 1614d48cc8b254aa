"""From what a client asks to what is decoded: the rules of an image request, the same for every protocol."""

from collections.abc import Sequence
from typing import NamedTuple

from gateway.errors import (
    BodyTooLargeError,
    InvalidFieldError,
    RequestError,
    UnsupportedMediaTypeError,
)
from preprocessing.image import (
    ImageError,
    ImageLimits,
    ImageTooLargeError,
    InvalidImageError,
    NotAnImageError,
    WrongFormatError,
    check_header,
)

BODY = "body"  # the field of an image that is the whole body: what declares its type is a header

_ERRORS: dict[type[ImageError], type[RequestError]] = {
    NotAnImageError: UnsupportedMediaTypeError,
    WrongFormatError: UnsupportedMediaTypeError,
    ImageTooLargeError: BodyTooLargeError,
    InvalidImageError: InvalidFieldError,
}


class EncodedImage(NamedTuple):
    """An image file as it came."""

    data: bytes
    media_type: str | None  # what the client declared
    field: str  # what errors name: "image", "images[2]", "body"


class ImageQuery(NamedTuple):
    """Images to classify, and how many classes to return for each."""

    images: Sequence[EncodedImage]
    top_k: int


class QueryLimits(NamedTuple):
    """What an image request may contain."""

    images: int
    top_k: int
    file: ImageLimits


def check_query(query: ImageQuery, limits: QueryLimits) -> None:
    """Check a query by its numbers and its images' headers; nothing is decoded.

    Raises RequestError for the first rule that the query breaks.
    """
    _check_number("top_k", query.top_k, limits.top_k, f"top_k must be from 1 to {limits.top_k}.")
    rule = f"images must hold from 1 to {limits.images} images."
    _check_number("images", len(query.images), limits.images, rule)
    for image in query.images:
        try:
            check_header(image.data, limits.file, image.media_type)
        except ImageError as error:
            raise refusal(error, image) from None


def refusal(error: ImageError, image: EncodedImage) -> RequestError:
    """Return what a client is told of an image that cannot be used."""
    kind = _ERRORS[type(error)]
    declared = kind is UnsupportedMediaTypeError and image.field == BODY
    field = "content-type" if declared else image.field
    return kind(error.reason, field=field, limit=error.limit, received=error.received)


def _check_number(field: str, value: int, most: int, rule: str) -> None:
    if not 1 <= value <= most:
        # JSON numbers beyond 64 bits are not portable.
        received = value if abs(value) < 1 << 63 else "an integer beyond 64 bits"
        raise InvalidFieldError(rule, field=field, limit=most if value > 0 else 1, received=received)
