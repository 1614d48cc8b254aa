"""When a refused client is told to come back."""

from random import uniform

_AT_LEAST = 0.2  # seconds: a reply and a new request take about as long
_AT_MOST = 30.0  # an estimate beyond that is none
_JITTER = 1.5


def retry_after(seconds: float) -> float:
    """Return an estimate within bounds, and up to half as much again, so that clients do not come back in step."""
    return min(max(seconds, _AT_LEAST), _AT_MOST) * uniform(1.0, _JITTER)  # noqa: S311 - nothing secret
