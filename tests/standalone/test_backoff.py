"""The wait between two starts of a service."""

from standalone.backoff import FIRST, HEALTHY, LONGEST, Backoff


def test_the_wait_doubles_up_to_its_limit() -> None:
    """A service that never becomes healthy is tried ever more rarely, but never given up."""
    backoff = Backoff(lambda: 0.0)
    waits = [backoff.failed() for _ in range(20)]
    assert waits[:4] == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST]
    assert waits[-1] == LONGEST


def test_a_healthy_minute_forgets_earlier_failures() -> None:
    """After it the next failure counts as the first; a moment short of it, it does not."""
    now = 0.0
    backoff = Backoff(lambda: now)
    for _ in range(3):
        backoff.failed()
    backoff.ready()
    now += HEALTHY - 1
    assert backoff.failed() == 8 * FIRST
    backoff.ready()
    now += HEALTHY
    assert backoff.failed() == FIRST
