"""Until when a key is valid, as people write it."""

import re
from datetime import UTC, date, datetime, time, timedelta

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=36_525)


class ExpiryError(ValueError):
    """A text says no such moment; the message says what is expected."""


def read_expiry(text: str, now: datetime) -> datetime | None:
    """Read 90d, 12h, 30m, 8w, a date (its start, UTC) or never, which is None. Raises ExpiryError."""
    if text == "never":
        return None
    moment = _after(text, now) or _date(text)
    if moment is None:
        raise ExpiryError("expected a time such as 90d, 12h or 30m, a date such as 2027-01-31, or never")
    if not timedelta() < moment - now <= _LONGEST:
        raise ExpiryError("expected a moment from now on, within 100 years")
    return moment


def _after(text: str, now: datetime) -> datetime | None:
    found = re.fullmatch(r"([0-9]{1,6})([mhdw])", text)
    if not found:
        return None
    return now + min(timedelta(**{_UNITS[found[2]]: int(found[1])}), 2 * _LONGEST)


def _date(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        return None
