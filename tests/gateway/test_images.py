"""The rules of an image request, and what a client is told who breaks one."""

import pytest

from gateway.errors import (
    STATUS,
    BodyTooLargeError,
    InvalidFieldError,
    RequestError,
    UnsupportedMediaTypeError,
)
from gateway.images import EncodedImage, ImageQuery, QueryLimits, check_query, refusal
from preprocessing.image import (
    ImageError,
    ImageTooLargeError,
    InvalidImageError,
    NotAnImageError,
    WrongFormatError,
)
from tests.pictures import LIMITS as FILE
from tests.pictures import jpeg

LIMITS = QueryLimits(images=4, top_k=1000, file=FILE)
CANARY = b"zq7canary"


def query(*files: bytes, top_k: int = 3, media_type: str | None = None) -> ImageQuery:
    """A query for several images of a list."""
    return ImageQuery([EncodedImage(data, media_type, f"images[{at}]") for at, data in enumerate(files)], top_k)


def refused(asked: ImageQuery) -> RequestError:
    """Return the error that a query gets."""
    with pytest.raises(RequestError) as caught:
        check_query(asked, LIMITS)
    return caught.value


def test_a_valid_query_passes() -> None:
    """As many images and classes as allowed pass, whatever a client declares that is true or says nothing."""
    for media_type in (None, "image/jpeg", "application/octet-stream", "image/*"):
        check_query(query(*[jpeg()] * 4, top_k=1000, media_type=media_type), LIMITS)


@pytest.mark.parametrize(
    ("top_k", "limit", "received"),
    [(0, 1, 0), (-5, 1, -5), (1001, 1000, 1001), (1 << 70, 1000, "an integer beyond 64 bits")],
)
def test_top_k_has_bounds(top_k: int, limit: int, received: int | str) -> None:
    """top_k is from 1 to the number of classes; the error names the bound that is broken."""
    error = refused(query(jpeg(), top_k=top_k))
    assert (type(error), error.field, error.limit, error.received) == (InvalidFieldError, "top_k", limit, received)


@pytest.mark.parametrize(("count", "limit"), [(0, 1), (5, 4)])
def test_the_number_of_images_has_bounds(count: int, limit: int) -> None:
    """A request without images, or with too many, is refused."""
    error = refused(query(*[jpeg()] * count))
    assert (type(error), error.field, error.limit, error.received) == (InvalidFieldError, "images", limit, count)


def test_the_first_bad_image_is_named() -> None:
    """Among several images, the first that breaks a rule gives its name to the error, and none of its content."""
    error = refused(query(jpeg(), CANARY * 10, b""))
    assert (type(error), error.field) == (UnsupportedMediaTypeError, "images[1]")
    assert CANARY.decode() not in f"{error.detail} {error.limit} {error.received}"
    assert error.__cause__ is None


@pytest.mark.parametrize(
    ("error", "field", "expected", "named"),
    [
        (NotAnImageError("No image."), "image", UnsupportedMediaTypeError, "image"),
        (NotAnImageError("No image."), "body", UnsupportedMediaTypeError, "content-type"),
        (WrongFormatError("Another.", "image/png", "image/jpeg"), "body", UnsupportedMediaTypeError, "content-type"),
        (WrongFormatError("Another.", "image/png", "image/jpeg"), "images[2]", UnsupportedMediaTypeError, "images[2]"),
        (ImageTooLargeError("Too large.", 10, 11), "body", BodyTooLargeError, "body"),
        (InvalidImageError("Too many pixels.", 100, 101), "body", InvalidFieldError, "body"),
        (InvalidImageError("The image is truncated."), "image", InvalidFieldError, "image"),
    ],
)
def test_refusals(error: ImageError, field: str, expected: type[RequestError], named: str) -> None:
    """What is wrong with an image becomes an error that both protocols know, with limit and what was received."""
    told = refusal(error, EncodedImage(b"", None, field))
    assert (type(told), told.field) == (expected, named)
    assert (told.detail, told.limit, told.received) == (error.reason, error.limit, error.received)


def test_every_image_error_has_a_refusal() -> None:
    """No kind of bad image is left without an answer."""
    for kind in ImageError.__subclasses__():
        assert type(refusal(kind("Bad."), EncodedImage(b"", None, "image"))) in STATUS
