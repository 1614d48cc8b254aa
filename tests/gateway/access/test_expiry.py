"""Until when a key is valid, as people write it."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.access.expiry import ExpiryError, read_expiry

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("never", None),
        ("30m", NOW + timedelta(minutes=30)),
        ("12h", NOW + timedelta(hours=12)),
        ("90d", NOW + timedelta(days=90)),
        ("8w", NOW + timedelta(days=56)),
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
    ],
)
def test_moments(text: str, moment: datetime | None) -> None:
    """Durations count from now, dates begin at midnight UTC."""
    assert read_expiry(text, NOW) == moment


@pytest.mark.parametrize(
    "text", ["", "90", "d", "-1d", "1.5d", "90 d", "90D", "tomorrow", "2027-13-01", "31.1.2027", "٣d"]
)
def test_what_is_no_moment(text: str) -> None:
    """Anything else is refused with examples."""
    with pytest.raises(ExpiryError, match="90d"):
        read_expiry(text, NOW)


@pytest.mark.parametrize("text", ["0d", "2026-11-25", "2020-01-01", "999999w", "36526d", "9999-12-31"])
def test_moments_that_make_no_sense(text: str) -> None:
    """A moment that is past, or that nobody here will see, is a slip."""
    with pytest.raises(ExpiryError, match="within 100 years"):
        read_expiry(text, NOW)
