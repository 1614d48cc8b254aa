"""From what a client sends to an image query: the shape of a request, the same for every protocol and body.

Whether a picture is one, and how many classes may be asked for, is the service's to say.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

import msgspec

from gateway.bounds import check_json
from gateway.decoding import BASE64_FAULT, decode
from gateway.errors import InvalidFieldError
from gateway.forms import Part, read_form
from gateway.image_service import EncodedImage, ImageQuery
from gateway.schema import ClassifyRequest

DEFAULT_TOP_K = 3

_T = TypeVar("_T")

_OTHER_FIELDS = 1  # of a request: top_k
_LONGEST_NUMBER = 9  # digits
_LONGEST_NAME = 80
_LOOKED_AT = 10_000  # characters
_PARAMETERS_AT_MOST = 8
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

_JSON = msgspec.json.Decoder(ClassifyRequest)
_ANYTHING = msgspec.json.Decoder()


class ImageRequest(NamedTuple):
    """A query, and whether it asked for a list of results."""

    query: ImageQuery
    several: bool


def chosen(image: _T | None, images: Sequence[_T] | None, max_images: int) -> list[tuple[str, _T]]:
    """Return what was given as `image` or as `images`, with the names that errors use.

    Raises InvalidFieldError unless exactly one of them was given, and not too many images.
    """
    if image is not None and images is None:
        return [("image", image)]
    if image is not None or images is None:
        given = "both" if images is not None else "neither"
        raise InvalidFieldError(
            "Exactly one of image and images must be given.", field="image", limit=1, received=given
        )
    check_count(len(images), max_images, "images")
    return [(f"images[{index}]", each) for index, each in enumerate(images)]


def check_count(count: int, max_images: int, field: str) -> None:
    """Raise InvalidFieldError for no image or too many, before anything is done with them."""
    if not 1 <= count <= max_images:
        raise InvalidFieldError(
            f"{field} must hold from 1 to {max_images} images.",
            field=field,
            limit=max_images if count else 1,
            received=count,
        )


def from_query(query: bytes) -> int | None:
    """Return the `top_k` of a query string, None if it has none. Raises InvalidFieldError."""
    if not query:
        return None
    try:
        given = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=_PARAMETERS_AT_MOST)
    except ValueError:
        raise InvalidFieldError(
            f"The query must have at most {_PARAMETERS_AT_MOST} parameters.", field="query", limit=_PARAMETERS_AT_MOST
        ) from None
    for name, _ in given:
        if name != "top_k":
            raise InvalidFieldError("The query has an unknown parameter.", field=name[:_LONGEST_NAME], limit="top_k")
    return _only([_whole_number(value) for _, value in given], "top_k")


def from_raw(body: bytes, media_type: str, top_k: int | None) -> ImageRequest:
    """Return the request that a body makes which is an image file."""
    images = [EncodedImage(body, media_type, "body")]
    return ImageRequest(ImageQuery(images, DEFAULT_TOP_K if top_k is None else top_k), several=False)


def from_json(body: bytes, top_k: int | None, max_images: int) -> ImageRequest:
    """Return the request of a JSON body, whose images are base64. Raises MalformedBodyError or InvalidFieldError."""
    check_json(body, max_images + _OTHER_FIELDS)
    try:
        request = decode(_JSON, body)
    except InvalidFieldError as error:
        if error.detail == BASE64_FAULT and error.field is not None:
            raise _not_base64(_text(decode(_ANYTHING, body), error.field), error.field) from None
        raise
    image = None if request.image is msgspec.UNSET else request.image
    images = None if request.images is msgspec.UNSET else request.images
    fields = [] if request.top_k is msgspec.UNSET else [request.top_k]
    pictures = [EncodedImage(data, None, field) for field, data in chosen(image, images, max_images)]
    return ImageRequest(ImageQuery(pictures, _top_k(fields, top_k)), several=images is not None)


def from_form(body: bytes, boundary: bytes, top_k: int | None, max_images: int) -> ImageRequest:
    """Return the request of a multipart/form-data body. Raises MalformedBodyError or InvalidFieldError."""
    fields: dict[str, list[Part]] = {"image": [], "images": [], "top_k": []}
    for part in read_form(body, boundary, max_images + _OTHER_FIELDS):
        if part.name not in fields:
            raise InvalidFieldError("The form has an unknown field.", field=part.name[:_LONGEST_NAME])
        fields[part.name].append(part)
    image, images = _only(fields["image"], "image"), fields["images"] or None
    numbers = [_whole_number(part.data[: _LONGEST_NUMBER + 2].decode("latin-1")) for part in fields["top_k"]]
    pictures = [EncodedImage(part.data, part.media_type, field) for field, part in chosen(image, images, max_images)]
    return ImageRequest(ImageQuery(pictures, _top_k(numbers, top_k)), several=images is not None)


def _top_k(fields: list[int], parameter: int | None) -> int:
    given = fields if parameter is None else [*fields, parameter]
    only = _only(given, "top_k")
    return DEFAULT_TOP_K if only is None else only


def _only(given: list[_T], field: str) -> _T | None:
    if len(given) > 1:
        raise InvalidFieldError(f"{field} must be given once.", field=field, limit=1, received=len(given))
    return given[0] if given else None


def _whole_number(text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _LONGEST_NUMBER):
        raise InvalidFieldError("top_k must be a whole number.", field="top_k")
    return int(text)


def _text(request: Any, field: str) -> str:
    """Return what stands in a field, "" if nothing does: of a key given twice, this reader has the other value."""
    try:
        text = request["image"] if field == "image" else request["images"][int(field[len("images[") : -1])]
    except (LookupError, TypeError):
        return ""
    return text if isinstance(text, str) else ""


def _not_base64(text: str, field: str) -> InvalidFieldError:
    # What wraps lines or uses another alphabet does so early; a look through megabytes would hold up everyone.
    foreign = text[:_LOOKED_AT].encode("ascii", "replace").translate(None, _ALPHABET)
    if text[:5].lower() == "data:":
        reason = "it is a data: URL; only what follows its comma is expected"
    elif any(space in foreign for space in (b" ", b"\n", b"\r", b"\t")):
        reason = "it holds white space or line breaks"
    elif not foreign and (len(text) % 4 or text.find("=", 0, -2) >= 0):
        reason = "its length must be a multiple of 4, filled up with = at the end and nowhere else"
    else:
        reason = "it holds characters other than A-Z, a-z, 0-9, + and /, filled up with ="
    return InvalidFieldError(f"{field} is not valid base64: {reason}.", field=field, limit="base64")
