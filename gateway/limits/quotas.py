"""Quotas: how often, and how much at a time, each client may ask."""

from pathlib import Path
from time import monotonic

from gateway.access.client import Client
from gateway.errors import QuotaExceededError


class Ticket:
    """What one request holds of its client's quota; `headers` tell the client what is left of it."""

    __slots__ = ("_client", "_in_flight", "headers")

    def __init__(self, in_flight: dict[str, int], client: str, headers: list[tuple[bytes, bytes]]) -> None:
        self._in_flight: dict[str, int] | None = in_flight
        self._client = client
        self.headers = headers

    def leave(self) -> None:
        """Give the place among the concurrent requests back; again does nothing."""
        if self._in_flight is not None:
            self._in_flight[self._client] -= 1
            self._in_flight = None


class Quotas:
    """Who has asked how much."""

    def __init__(self, state: Path | None = None, worker: int = 0) -> None:
        self._arrivals: dict[str, float] = {}
        self._in_flight: dict[str, int] = {}

    def enter(self, client: Client) -> Ticket:
        """Count a request of a client. Raises QuotaExceededError."""
        quota, now = client.quota, monotonic()
        held = self._in_flight.get(client.name, 0)
        if quota.concurrent is not None and held >= quota.concurrent:
            raise QuotaExceededError("Too many requests at a time.", field="concurrent", limit=quota.concurrent)
        if quota.rate is not None:
            due = max(self._arrivals.get(client.name, 0.0), now)
            wait = due - now - (quota.burst - 1) / quota.rate
            if wait > 0:
                raise QuotaExceededError("Too many requests.", field="rate", limit=quota.burst, retry_after=wait)
            self._arrivals[client.name] = due + 1 / quota.rate
        self._in_flight[client.name] = held + 1
        return Ticket(self._in_flight, client.name, [])

    def close(self) -> None:
        """Let the state go."""
