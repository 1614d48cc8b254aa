"""Where a key or token is found in a request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.credentials import presented
from gateway.errors import UnauthenticatedError

KEY = b"rts_k3f9a2_canary"


@pytest.mark.parametrize(
    ("authorization", "api_key"),
    [
        (b"Bearer " + KEY, b""),
        (b"bearer " + KEY, b""),
        (b"BEARER  \t" + KEY + b" ", b""),
        (b"", KEY),
        (b"", b" " + KEY + b"\t"),
        (b"Bearer " + KEY, KEY),
    ],
)
def test_both_headers_will_do(authorization: bytes, api_key: bytes) -> None:
    """A key is taken from either header, or from both when they agree."""
    assert presented(authorization, api_key) == KEY


@pytest.mark.parametrize(
    ("authorization", "api_key", "field"),
    [
        (b"", b"", "authorization"),
        (b"", b"  ", "authorization"),
        (KEY, b"", "authorization"),
        (b"Basic " + KEY, b"", "authorization"),
        (b"Bearer" + KEY, b"", "authorization"),
        (b"Bearer\0" + KEY, b"", "authorization"),
        (b"Bearer", b"", "authorization"),
        (b"Basic " + KEY, KEY, "authorization"),
        (b"Bearer " + KEY, KEY + b"x", "x-api-key"),
        (b"Bearer ", KEY, "x-api-key"),
    ],
)
def test_what_is_refused(authorization: bytes, api_key: bytes, field: str) -> None:
    """No credential, another scheme and two different ones are refused by name, and never repeated."""
    with pytest.raises(UnauthenticatedError) as caught:
        presented(authorization, api_key)
    assert caught.value.field == field
    assert "canary" not in f"{caught.value.detail} {caught.value.limit} {caught.value.received}"


@given(st.binary(), st.binary())
def test_any_bytes(authorization: bytes, api_key: bytes) -> None:
    """Headers of any bytes give a credential or the error."""
    try:
        presented(authorization, api_key)
    except UnauthenticatedError:
        return
    assert authorization[:7].lower() == b"bearer " or not authorization
