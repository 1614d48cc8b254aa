"""multipart/form-data: forms of any shape, and of any size around the windows that they are read in."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import InvalidFieldError, MalformedBodyError, RequestError
from gateway.forms import Part, boundary, read_form
from tests.image_cases import BOUNDARY, form

NAME = BOUNDARY.encode()
WINDOW = 1 << 20
HEADERS = len(form(("image", b"", "image/png"))) - len(form())

# Pieces of which contents are made that look like delimiters and are none.
PIECES = st.sampled_from(
    [b"\r\n--", b"\r\n", b"--", NAME, NAME[:5], b"\r", b"\n", b"--" + NAME, b"\0", b"\r\n--" + NAME[:-1], b"abc"]
)
CONTENTS = st.lists(PIECES, max_size=12).map(b"".join).filter(lambda data: b"\r\n--" + NAME not in b"\r\n" + data)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters='"\\\r\n\0'), max_size=20)
MEDIA_TYPES = st.sampled_from([None, "image/png", "application/octet-stream"])


@given(st.lists(st.tuples(NAMES, CONTENTS, MEDIA_TYPES), max_size=6))
def test_what_is_written_is_read(parts: list[tuple[str, bytes, str | None]]) -> None:
    """Names, contents and media types come out as they went in, in their order."""
    assert read_form(form(*parts), NAME, 6) == [Part(*part) for part in parts]


@settings(max_examples=60)
@given(st.integers(-90, 90), st.integers(0, 2), st.booleans())
def test_windows_do_not_show(offset: int, windows: int, delimiters: bool) -> None:
    """Wherever the seam between two windows falls, in contents, delimiter or headers, the parts are the same."""
    filling = b"\r\n--" + NAME[:-1] + b"x" if delimiters else b"x"
    size = max(0, WINDOW * windows - HEADERS + offset)
    first = (filling * (size // len(filling) + 1))[:size]
    parts = [("image", first, "image/png"), ("images", b"second", "image/gif"), ("top_k", b"3", None)]
    assert read_form(form(*parts), NAME, 3) == [Part(*part) for part in parts]


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Bytes that are no form are refused in our words."""
    for content in (body, b"--" + NAME + body, b"--" + NAME + b"\r\n" + body + b"\r\n--" + NAME + b"--"):
        with suppress(RequestError):
            read_form(content, NAME, 3)


def test_the_limit_of_parts() -> None:
    """As many parts as allowed are read; one more is refused by counting boundaries."""
    parts = [("image", b"x", None)] * 5
    assert len(read_form(form(*parts), NAME, 5)) == 5
    for start in (b"", b"\r\n"):
        with pytest.raises(InvalidFieldError, match="at most 4 parts"):
            read_form(start + form(*parts), NAME, 4)


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (b"multipart/form-data; boundary=abc", b"abc"),
        (b'multipart/form-data; boundary="a b;c"', b"a b;c"),
        (b"multipart/form-data; charset=utf-8; BOUNDARY=x", b"x"),
        (b"multipart/form-data; boundary=" + b"b" * 70, b"b" * 70),
    ],
)
def test_boundaries(content_type: bytes, expected: bytes) -> None:
    """The boundary is a parameter of the Content-Type header, quoted or not."""
    assert boundary(content_type) == expected


@pytest.mark.parametrize("parameters", [b"", b"; boundary", b"; boundary=", b"; boundary=" + b"b" * 71, b";" * 2000])
def test_missing_boundaries(parameters: bytes) -> None:
    """Without a boundary, or with one that no client writes, the error says who should write it."""
    with pytest.raises(MalformedBodyError, match="needs a boundary") as caught:
        boundary(b"multipart/form-data" + parameters)
    assert caught.value.field == "content-type"
