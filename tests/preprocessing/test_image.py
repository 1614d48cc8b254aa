"""Pictures in, tensors out: what is accepted, what is refused and how, limits and media types."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import preprocessing.image
from preprocessing.image import (
    MEDIA_TYPES,
    ImageError,
    ImageLimits,
    ImageSpec,
    ImageTooLargeError,
    InvalidImageError,
    NotAnImageError,
    WrongFormatError,
    check_header,
    to_tensor,
)
from tests.pictures import BAD_PICTURES, GOOD_PICTURES, LIMITS, WHOLE, BadPicture, GoodPicture, jpeg
from tests.pictures.makers import encode, photo

SPEC = ImageSpec()


def _names(pictures: list[GoodPicture] | list[BadPicture]) -> list[str]:
    return [picture.name for picture in pictures]


@pytest.mark.parametrize("picture", GOOD_PICTURES, ids=_names(GOOD_PICTURES))
def test_good_pictures_become_tensors(picture: GoodPicture) -> None:
    """Each becomes a contiguous, writable uint8 tensor, without a warning (the tests make errors of warnings)."""
    check_header(picture.data, LIMITS, picture.media_type)
    tensor = to_tensor(picture.data, SPEC, LIMITS, picture.media_type)
    assert tensor.shape == (224, 224, 3)
    assert tensor.dtype == np.uint8
    assert tensor.flags.c_contiguous
    assert tensor.flags.writeable


@pytest.mark.parametrize("picture", BAD_PICTURES, ids=_names(BAD_PICTURES))
def test_bad_pictures_are_refused(picture: BadPicture) -> None:
    """Each is refused with the class of error that its table names, in a sentence of its own."""
    with pytest.raises(ImageError) as refused:
        to_tensor(picture.data, SPEC, LIMITS, picture.media_type)
    assert type(refused.value).__name__ == picture.error
    assert refused.value.reason == str(refused.value)
    assert refused.value.reason.endswith(".")


@pytest.mark.parametrize("picture", BAD_PICTURES, ids=_names(BAD_PICTURES))
def test_the_header_alone_condemns_what_is_no_picture_or_too_large(picture: BadPicture) -> None:
    """What is wrong with the file as a whole is found before it is admitted; only damage needs the whole file."""
    if picture.error == "InvalidImageError":
        return
    with pytest.raises(getattr(preprocessing.image, picture.error)):
        check_header(picture.data, LIMITS, picture.media_type)


def test_errors_carry_limit_and_received() -> None:
    """An error says what was allowed and what came, so that the gateway can."""
    with pytest.raises(ImageTooLargeError) as too_large:
        check_header(b"x" * 101, ImageLimits(max_bytes=100, max_pixels=100))
    assert (too_large.value.limit, too_large.value.received) == (100, 101)
    with pytest.raises(InvalidImageError) as too_many:
        check_header(jpeg(64, 48), ImageLimits(max_bytes=10_000, max_pixels=3071))
    assert (too_many.value.limit, too_many.value.received) == (3071, 3072)
    with pytest.raises(InvalidImageError) as too_narrow:
        check_header(jpeg(64, 48), ImageLimits(max_bytes=10_000, max_pixels=10_000, min_side=49))
    assert (too_narrow.value.limit, too_narrow.value.received) == (49, 48)
    with pytest.raises(InvalidImageError) as too_long:
        check_header(jpeg(200, 20), ImageLimits(max_bytes=10_000, max_pixels=10_000, max_aspect=9))
    assert (too_long.value.limit, too_long.value.received) == (180, 200)
    with pytest.raises(WrongFormatError) as wrong:
        check_header(jpeg(), LIMITS, "image/png")
    assert (wrong.value.limit, wrong.value.received) == ("image/png", "image/jpeg")


def test_limits_are_inclusive() -> None:
    """A picture that is exactly as large as allowed passes."""
    file = jpeg(64, 16)
    to_tensor(file, SPEC, ImageLimits(max_bytes=len(file), max_pixels=64 * 16, min_side=16, max_aspect=4))


@pytest.mark.parametrize("name", ["WEBP", "TIFF"])
def test_formats_that_take_more_memory_may_have_half_the_pixels(name: str) -> None:
    """A WEBP or TIFF counts twice; the error names the limit that applies."""
    file = encode(photo(64, 48), name)
    check_header(file, ImageLimits(max_bytes=100_000, max_pixels=2 * 64 * 48))
    with pytest.raises(InvalidImageError) as refused:
        check_header(file, ImageLimits(max_bytes=100_000, max_pixels=2 * 64 * 48 - 2))
    assert refused.value.limit == 64 * 48 - 1


def test_the_refused_format_is_named() -> None:
    """Whoever sends a HEIC photo or an SVG reads that name in the error, and what to send instead."""
    for picture in BAD_PICTURES:
        name = picture.name.split()[0]
        if picture.error == "NotAnImageError" and name in {"SVG", "HEIC", "AVIF", "PDF"}:
            with pytest.raises(NotAnImageError, match=f"is {name}, which is not accepted; send JPEG"):
                check_header(picture.data, LIMITS)


def test_the_clients_words_are_not_repeated() -> None:
    """A declared media type that nobody knows may hold anything; no part of it is in the error."""
    with pytest.raises(WrongFormatError) as refused:
        check_header(jpeg(), LIMITS, "secret/word")
    assert "secret" not in f"{refused.value} {refused.value.limit} {refused.value.received}"


def test_every_format_on_the_list_is_recognised_by_its_content() -> None:
    """Each format's files pass under their own media type and under no other format's."""
    files = {name: encode(photo(64, 48), name) for name in MEDIA_TYPES}
    for name, file in files.items():
        for other, media_type in MEDIA_TYPES.items():
            if name == other:
                check_header(file, LIMITS, media_type)
            else:
                with pytest.raises(WrongFormatError):
                    check_header(file, LIMITS, media_type)


def test_threads_do_not_disturb_each_other() -> None:
    """Sixteen threads that decode all kinds of pictures at once get what one thread gets."""

    def digest(file: bytes) -> bytes:
        return to_tensor(file, SPEC, LIMITS).tobytes()

    files = [*WHOLE.values(), *(picture.data for picture in GOOD_PICTURES[::4])]
    alone = [digest(file) for file in files]
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(digest, files * 4)) == alone * 4


@pytest.mark.parametrize(
    "values", [{"crop": 257}, {"crop": 0}, {"resize": 1025}, {"filter": "lanczos"}, {"resize": 100}], ids=str
)
def test_impossible_specs_are_refused(values: dict[str, int]) -> None:
    """A crop larger than the resized picture, a size without bound and a filter that nobody trained with are errors."""
    with pytest.raises(ValueError, match=str(next(iter(values.values())))):
        ImageSpec(**values)  # type: ignore[arg-type]  # wrong values are the point


@pytest.mark.parametrize(
    "values",
    [{"max_pixels": 89_478_486}, {"max_pixels": 0}, {"min_side": 0}, {"max_bytes": 0}, {"max_aspect": 0}],
    ids=str,
)
def test_impossible_limits_are_refused(values: dict[str, int]) -> None:
    """More pixels than Pillow decodes without a warning, and limits that nothing passes, are errors."""
    with pytest.raises(ValueError, match=next(iter(values))):
        ImageLimits(**{"max_bytes": 1, "max_pixels": 1} | values)
