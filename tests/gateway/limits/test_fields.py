"""The RateLimit fields."""

import pytest

from gateway.access.client import Quota
from gateway.limits.fields import fields


@pytest.mark.parametrize(
    ("rate", "burst", "used", "policy", "left"),
    [
        (10.0, 10, 1, "q=10;w=1", "r=9;t=1"),
        (10.0, 10, 10, "q=10;w=1", "r=0;t=1"),
        (2.0, 60, 1, "q=60;w=30", "r=59;t=1"),
        (2.0, 60, 31, "q=60;w=30", "r=29;t=16"),
        (0.01, 1, 1, "q=1;w=100", "r=0;t=100"),
        (0.01, 2, 1, "q=2;w=200", "r=1;t=100"),
    ],
)
def test_quota_and_what_is_left(rate: float, burst: int, used: float, policy: str, left: str) -> None:
    """The policy is the burst and the seconds in which it comes back; with nothing left, the time is Retry-After's."""
    assert fields(Quota(rate, burst), used) == [
        (b"ratelimit-policy", f'"requests";{policy}'.encode()),
        (b"ratelimit", f'"requests";{left}'.encode()),
    ]


def test_a_burst_of_less_than_a_second() -> None:
    """Times are whole seconds: a client may not be told to send its burst of one only once a second at 100 a second."""
    assert fields(Quota(100.0, 1), 0) == [
        (b"ratelimit-policy", b'"requests";q=100;w=1'),
        (b"ratelimit", b'"requests";r=100;t=0'),
    ]


def test_without_a_rate_there_is_nothing_to_tell() -> None:
    """A client that is limited in what is in flight only gets no fields."""
    assert fields(Quota(None, 1, concurrent=5), 0) == []
