"""Admission: what a model has no room or no time for is refused before any work is done for it."""

from collections.abc import Callable, Mapping
from time import monotonic
from typing import NamedTuple, NoReturn

from gateway.errors import OverloadedError
from gateway.limits.backlog import ENOUGH, Backlog
from gateway.limits.pace import Pace
from gateway.limits.retry import retry_after
from gateway.limits.room import Room

# Part of a request's time that its answer may be expected to take: the rest is for what the estimate misses.
_EXPECTED = 2 / 3

_GAVE_UP = 0.9  # part of a request's time after which it ended for lack of time, as far as can be told


class Bounds(NamedTuple):
    """What one model has room for: items (questions, images) and bytes held, and items that keep it busy.

    A queue that stands is kept at `enough` times the latter.
    """

    items: int
    bytes: int
    pipeline: int
    enough: float = ENOUGH


class _Share:
    """What one client holds."""

    __slots__ = ("bytes", "items", "name", "waiting")

    def __init__(self, name: str) -> None:
        self.name = name
        self.items = 0
        self.waiting = 0  # of the items, those whose body is there
        self.bytes = 0


class Admission:
    """What is admitted to one model and not yet answered; lives on one event loop."""

    def __init__(self, bounds: Bounds, what: str, clock: Callable[[], float] = monotonic) -> None:
        self._what = what
        self._clock = clock
        self._items = Room(bounds.items)
        self._bytes = Room(bounds.bytes)
        self._backlog = Backlog(bounds.pipeline, bounds.enough)
        self._pace = Pace(bounds.pipeline)
        self._shares: dict[str, _Share] = {}  # of clients that hold something

    @property
    def items(self) -> int:
        """Items held."""
        return self._items.held

    @property
    def bytes(self) -> int:
        """Bytes held."""
        return self._bytes.held

    def clients(self) -> Mapping[str, int]:
        """Return the items that each client holds."""
        return {share.name: share.items for share in self._shares.values()}

    def pipeline(self, items: int) -> None:
        """Note how many items keep the model busy: the engine's batch size became known."""
        self._backlog.set_pipeline(items)
        self._pace.pipeline = items

    def enter(self, client: str, size: int, until: float) -> "Place":
        """Admit a client's request of `size` bytes that gives up at the time `until`. Raises OverloadedError."""
        now = self._clock()
        share = self._shares.get(client) or _Share(client)
        place = Place(self, share, until - now)
        self._check(place, 1, 1, now)
        self.hold(place, size)
        self._items.held += 1
        share.items += 1
        place.items = 1
        self._shares[client] = share
        return place

    def hold(self, place: "Place", size: int) -> None:
        """Hold further bytes for a request. Raises OverloadedError."""
        room, share = self._bytes, place.share
        if room.held + size > room.common and not room.has(size, share.bytes, place.bytes, len(self._shares)):
            self._refuse_bytes(share, size)
        room.held += size
        share.bytes += size
        place.bytes += size

    def expect(self, place: "Place", items: int) -> None:
        """Hold so many items in all for a request, and let them wait for the model. Raises OverloadedError."""
        now, share = self._clock(), place.share
        more, waiting = items - place.items, items - place.waiting
        self._check(place, more, waiting, now)
        self._items.held += more
        share.items += more
        share.waiting += waiting
        place.items = place.waiting = items
        self._backlog.join(waiting, now)
        place.ahead = self._backlog.items
        place.since = now

    def leave(self, place: "Place", *, answered: bool) -> None:
        """Take back what a request holds; one that was answered teaches the pace."""
        share = place.share
        if place.waiting:
            if answered:
                self._learn(place)
            self._backlog.leave(place.waiting)
            share.waiting -= place.waiting
        self._items.held -= place.items
        self._bytes.held -= place.bytes
        share.bytes -= place.bytes
        share.items -= place.items
        if not share.items:
            del self._shares[share.name]

    def _learn(self, place: "Place") -> None:
        now = self._clock()
        seconds = now - place.since
        # Of who gave up it is known only that the answer would have taken longer: the impatient teach no haste.
        if seconds < place.seconds * _GAVE_UP or seconds > self._pace.expected(place.ahead, now):
            self._pace.learn(seconds, place.ahead, now)

    def _check(self, place: "Place", more: int, waiting: int, now: float) -> None:
        """Raise OverloadedError unless a request may hold so many more items, of which so many begin to wait."""
        items, backlog, pace, share = self._items, self._backlog, self._pace, place.share
        allowed = place.seconds * _EXPECTED
        after = backlog.items + waiting
        if items.held + more <= items.common and after <= backlog.pipeline and pace.full <= allowed:
            return  # as nearly always
        clients = len(self._shares)
        if not items.has(more, share.items, place.items, clients):
            self._refuse(share.items, items.share(clients), items.held, items.limit, items.held + more - items.common)
        if not backlog.has_room(waiting, share.waiting, clients, now, pace.full):
            self._refuse(share.waiting, backlog.share(clients), backlog.items, backlog.enough, backlog.excess(waiting))
        if backlog.items and pace.expected(after, now) > allowed:
            raise OverloadedError(
                f"Too many {self._what} are waiting for this one to be answered in time.",
                limit=pace.room(allowed, now),
                received=backlog.items,
                retry_after=retry_after(pace.drained(backlog.items, now)),
            )

    def _refuse(self, own: int, share: float, held: int, limit: int, excess: int) -> NoReturn:
        seconds = retry_after(self._pace.drained(excess, self._clock()))
        if own > share and held < limit:
            detail = f"Too many of this client's {self._what} are waiting."
            raise OverloadedError(detail, limit=int(share), received=own, retry_after=seconds)
        raise OverloadedError(f"Too many {self._what} are waiting.", limit=limit, received=held, retry_after=seconds)

    def _refuse_bytes(self, share: _Share, size: int) -> NoReturn:
        room, fair = self._bytes, int(self._bytes.share(len(self._shares)))
        received, limit, whose = room.held + size, room.limit, f"all {self._what} together"
        if received <= limit:
            received, limit, whose = share.bytes + size, fair, f"this client's {self._what} together"
        part = (room.held + size - room.common) / max(room.held, 1)
        raise OverloadedError(
            f"The bodies of {whose} are too large.",
            field="body",
            limit=limit,
            received=received,
            retry_after=retry_after(self._pace.drained(int(self._items.held * part), self._clock())),
        )


class Place:
    """What one request holds of a model's room: one item from its head on, all of them once they are known."""

    __slots__ = ("_admission", "ahead", "bytes", "items", "seconds", "share", "since", "waiting")

    def __init__(self, admission: Admission, share: _Share, seconds: float) -> None:
        self._admission: Admission | None = admission
        self.share = share
        self.seconds = seconds  # until it gives up, from when its body is there
        self.items = self.waiting = self.bytes = 0
        self.ahead = 0  # items in line when it began to wait, its own included
        self.since = 0.0  # when that was

    def hold(self, size: int) -> None:
        """Hold further bytes. Raises OverloadedError."""
        if self._admission is not None:
            self._admission.hold(self, size)

    def expect(self, items: int) -> None:
        """Hold so many items in all, and let them wait for the model. Raises OverloadedError."""
        if self._admission is not None:
            self._admission.expect(self, items)

    def leave(self, *, answered: bool) -> None:
        """Give everything back; again does nothing. `answered` (also too late) teaches the pace."""
        if self._admission is not None:
            self._admission.leave(self, answered=answered)
            self._admission = None
