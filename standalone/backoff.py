"""How long to wait before a service is started again."""

from collections.abc import Callable

FIRST = 0.1  # seconds
LONGEST = 30.0
HEALTHY = 60.0


class Backoff:
    """Doubles the wait with every failure; a service that was healthy for a minute starts from the first wait again.

    `clock` returns seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures = 0
        self._ready_since: float | None = None

    def ready(self) -> None:
        """Note that the service works from now on."""
        self._ready_since = self._clock()

    def failed(self) -> float:
        """Note a failure; return the seconds to wait."""
        if self._ready_since is not None and self._clock() - self._ready_since >= HEALTHY:
            self._failures = 0
        self._ready_since = None
        wait: float = min(FIRST * 2**self._failures, LONGEST)
        self._failures += 1
        return wait
