"""Quotas: how often, and how much at a time, each client may ask."""

from pathlib import Path
from time import monotonic

from gateway.access.client import Client, Quota
from gateway.limits.cells import ROWS, Cells
from gateway.limits.fields import Fields, fields
from gateway.limits.meter import Meter

_UNLIMITED = Quota()


class Ticket:
    """What one request holds of its client's quota."""

    __slots__ = ("_entered", "_meter", "_quota", "_used")

    def __init__(self, meter: Meter | None, quota: Quota, used: float, entered: float) -> None:
        self._meter = meter
        self._quota = quota
        self._used = used
        self._entered = entered

    @property
    def headers(self) -> Fields:
        """What the client is told of its rate: RateLimit-Policy and RateLimit; nothing where it has none."""
        return fields(self._quota, self._used)

    def leave(self) -> None:
        """Give back the place among the requests in flight; again does nothing."""
        if self._meter is not None:
            self._meter.leave(monotonic() - self._entered)
            self._meter = None


_FREE = Ticket(None, _UNLIMITED, 0.0, 0.0)


class Quotas:
    """Who has asked how much. Workers that are given the same file count together, each under its own number.

    A client's quota is the one that it has at that moment: what it has used counts against a new one at once.
    """

    def __init__(self, state: Path | None = None, worker: int = 0) -> None:
        self._cells = Cells(state, worker)
        self._meters: dict[str, Meter] = {}

    def enter(self, client: Client) -> Ticket:
        """Count a request of a client, unless it is refused. Raises QuotaExceededError."""
        quota = client.quota
        if quota.rate is None and quota.concurrent is None:
            return _FREE
        meter = self._meters.get(client.name) or self._meter(client.name)
        now = monotonic()
        return Ticket(meter, quota, meter.enter(quota, now), now)

    def refused(self, client: Client) -> Ticket:
        """Return what a client is told whose request was refused: a ticket that holds nothing."""
        meter = self._meters.get(client.name) or self._meter(client.name)
        return Ticket(None, client.quota, meter.used(client.quota, monotonic()), 0.0)

    def close(self) -> None:
        """Let go of the shared state."""
        self._meters.clear()
        self._cells.close()

    def _meter(self, name: str) -> Meter:
        if len(self._meters) >= ROWS:  # what is on the books stays in the cells
            self._meters = {each: meter for each, meter in self._meters.items() if meter.held}
        meter = self._meters[name] = Meter(self._cells, name)
        return meter
