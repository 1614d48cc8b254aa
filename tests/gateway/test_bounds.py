"""The look at bodies before they are decoded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bounds import check_json, check_message
from gateway.errors import InvalidFieldError, MalformedBodyError
from gateway.generated.scoring_pb2 import ClassifyImageRequest

MOST = 17
REFUSED = MOST + 1000


def test_valid_requests_pass() -> None:
    """What a request can hold passes, however large it is."""
    check_json(b'{"images": [%b]}' % b",".join([b'"QUJD"'] * MOST), MOST)
    check_message(ClassifyImageRequest(images=[b"x" * 100_000] * MOST, top_k=-1).SerializeToString(), MOST)
    check_message(b"", MOST)


@pytest.mark.parametrize(
    "field",
    [
        ClassifyImageRequest(image=b"x" * 1000).SerializeToString(),
        ClassifyImageRequest(top_k=-1).SerializeToString(),
        b"\x12\0",
        b"\x79" + b"x" * 8,
        b"\x7d" + b"x" * 4,
        b"\xf8\xff\xff\xff\x0f\1",
    ],
)
def test_fields_of_every_kind_are_counted(field: bytes) -> None:
    """Each field counts as one, whatever its wire type, and one too many is refused."""
    check_message(field * REFUSED, MOST)
    with pytest.raises(InvalidFieldError, match="more values"):
        check_message(field * (REFUSED + 1), MOST)


def test_groups_are_counted_by_their_tags() -> None:
    """The deprecated groups of protobuf hide no fields."""
    with pytest.raises(InvalidFieldError):
        check_message(b"\x7b\x7c" * REFUSED, MOST)


def test_json_is_counted_by_its_commas() -> None:
    """JSON with too many values is refused; what is no JSON is told so."""
    with pytest.raises(InvalidFieldError, match="more values"):
        check_json(b"[0%b]" % (b",0" * (REFUSED + 1)), MOST)
    with pytest.raises(MalformedBodyError):
        check_json(b"," * (REFUSED + 1), MOST)


@given(st.binary(max_size=200))
def test_any_bytes_are_looked_through(message: bytes) -> None:
    """Bytes that are no message are left to the parser."""
    check_message(message, MOST)
