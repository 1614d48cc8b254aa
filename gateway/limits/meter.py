"""How much of its quota one client has used: the generic cell rate algorithm, and requests in flight.

GCRA (ITU-T I.371) is a token bucket that needs one number: when the next request would be due if requests came evenly.
https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

from math import ceil

from gateway.access.client import Quota
from gateway.errors import QuotaExceededError
from gateway.limits.cells import Cells, owner_of
from gateway.limits.retry import retry_after

_ROUNDING = 1e-6  # requests: who comes back exactly when told is let in
_MEMORY = 0.1  # weight of the newest request in the mean


class Meter:
    """One client's use of its quota, as this process counts it."""

    __slots__ = ("_cells", "_owner", "_row", "held", "mean")

    def __init__(self, cells: Cells, name: str) -> None:
        self._cells = cells
        self._owner = owner_of(name)
        self._row = cells.row(self._owner)
        self.held = 0  # requests in flight here
        self.mean = 0.0  # seconds that a request is in flight

    def enter(self, quota: Quota, now: float) -> float:
        """Count a request and return how many the rate has on its books with it. Raises QuotaExceededError."""
        cells = self._cells
        if cells.owners[self._row] != self._owner:  # the row went to somebody else
            self._row = cells.row(self._owner)
        if quota.concurrent is not None and self.held + cells.elsewhere(self._row) >= quota.concurrent:
            raise self._too_many(quota.concurrent)
        used = 0.0
        if quota.rate is not None:
            used = self.used(quota, now) + 1.0
            if used > quota.burst + _ROUNDING:
                raise _too_often(quota, quota.rate, used)
            cells.due[self._row] = now + used / quota.rate
        self.held += 1
        cells.in_flight[cells.first + self._row] = self.held
        return used

    def leave(self, seconds: float) -> None:
        """Count a request no longer, which was in flight for so many seconds."""
        self.held -= 1
        self.mean += (seconds - self.mean) * _MEMORY
        if self._cells.owners[self._row] == self._owner:
            self._cells.in_flight[self._cells.first + self._row] = self.held

    def used(self, quota: Quota, now: float) -> float:
        """Return how many requests the rate has on its books; never more than its burst, whatever it was before."""
        if quota.rate is None:
            return 0.0
        return min(max(self._cells.due[self._row] - now, 0.0) * quota.rate, float(quota.burst))

    def _too_many(self, limit: int) -> QuotaExceededError:
        return QuotaExceededError(
            "This client has too many requests in flight.",
            field="concurrent",
            limit=limit,
            received=limit + 1,
            retry_after=retry_after(self.mean / limit),  # until one of them ends
        )


def _too_often(quota: Quota, rate: float, used: float) -> QuotaExceededError:
    return QuotaExceededError(
        "This client asks too often.",
        field="rate",
        limit=f"{rate:g} per second, {quota.burst} at once",
        received=ceil(used - _ROUNDING),
        retry_after=(used - quota.burst) / rate,
    )
