"""Admission: what finds a model full is refused before any work is done for it."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from gateway.errors import OverloadedError


class Bounds(NamedTuple):
    """What one model has room for: items (questions, images) and bytes held, and items that keep it busy."""

    items: int
    bytes: int
    pipeline: int


class Admission:
    """Counts what was admitted and is not yet answered."""

    def __init__(self, bounds: Bounds, what: str) -> None:
        self._bounds = bounds
        self._what = what
        self._clients: Counter[str] = Counter()
        self.items = 0
        self.bytes = 0

    def enter(self, client: str, size: int, until: float) -> "Place":
        """Admit one item and `size` bytes of a client. Raises OverloadedError."""
        place = Place(self, client)
        self.take(client, 1, 0)
        place.items = 1
        try:
            place.hold(size)
        except OverloadedError:
            place.leave(answered=False)
            raise
        return place

    def clients(self) -> Mapping[str, int]:
        """Return the items that each client holds."""
        return dict(self._clients)

    def pipeline(self, items: int) -> None:
        """Note how many items keep the model busy."""
        self._bounds = self._bounds._replace(pipeline=items)

    def take(self, client: str, items: int, size: int) -> None:
        """Hold more for a client. Raises OverloadedError."""
        if items and self.items > 0 and self.items + items > self._bounds.items:
            raise OverloadedError(f"Too many {self._what} are waiting.", limit=self._bounds.items, received=self.items)
        if size and self.bytes + size > self._bounds.bytes:
            detail = f"Too many bytes of {self._what} are held."
            raise OverloadedError(detail, field="body", limit=self._bounds.bytes, received=self.bytes + size)
        self.items += items
        self.bytes += size
        self._clients[client] += items

    def give(self, client: str, items: int, size: int) -> None:
        """Give back what a client held."""
        self.items -= items
        self.bytes -= size
        self._clients[client] -= items
        if not self._clients[client]:
            del self._clients[client]


class Place:
    """What one request holds of a model's room."""

    __slots__ = ("_admission", "_client", "bytes", "items")

    def __init__(self, admission: Admission, client: str) -> None:
        self._admission = admission
        self._client = client
        self.items = 0
        self.bytes = 0

    def hold(self, size: int) -> None:
        """Hold further bytes. Raises OverloadedError."""
        self._admission.take(self._client, 0, size)
        self.bytes += size

    def expect(self, items: int) -> None:
        """Hold so many items in all. Raises OverloadedError."""
        if items > self.items:
            self._admission.take(self._client, items - self.items, 0)
            self.items = items

    def leave(self, *, answered: bool) -> None:
        """Give everything back; again does nothing."""
        if self.items:
            self._admission.give(self._client, self.items, self.bytes)
            self.items = self.bytes = 0
