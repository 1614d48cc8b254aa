"""The time that a request asks for."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deadlines import requested_seconds
from gateway.errors import InvalidFieldError


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (b"", None),
        (b"2", 2.0),
        (b"2.5", 2.5),
        (b"2.", 2.0),
        (b"0.001", 0.001),
        (b"1e-05", 1e-05),
        (b"1E+2", 100.0),
        (b"9" * 400, math.inf),
    ],
)
def test_what_is_read(header: bytes, seconds: float | None) -> None:
    """Seconds may be written as programs print them."""
    assert requested_seconds(header) == seconds


@pytest.mark.parametrize(
    "header",
    [b"0", b"0.0", b"-1", b"+1", b".5", b" 2", b"2 ", b"2,5", b"2s", b"1_0", b"inf", b"nan", b"0x1", b"1e999999999",
     b"\xb2", b"2\n", b"9" * 100_000],
)  # fmt: skip
def test_what_is_refused(header: bytes) -> None:
    """Anything else is refused, and so is no time at all."""
    with pytest.raises(InvalidFieldError, match="Request-Timeout must be a number of seconds above 0"):
        requested_seconds(header)


@given(st.floats(min_value=5e-324, max_value=1.7e308))
def test_every_float_is_read_as_python_prints_it(seconds: float) -> None:
    """No client has to round."""
    assert requested_seconds(str(seconds).encode()) == seconds


@given(st.binary(max_size=60))
def test_any_bytes(header: bytes) -> None:
    """Whatever comes, it is a time above 0, or refused."""
    try:
        seconds = requested_seconds(header)
    except InvalidFieldError:
        return
    assert seconds is None or seconds > 0
