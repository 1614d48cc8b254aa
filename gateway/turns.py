"""A queue in which clients take turns: whoever asks for much waits behind its own, and nobody else behind it."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar


class Waiting(Protocol):
    """Who waits: for which client, with how many inputs, since when (of `time.monotonic`)."""

    @property
    def client(self) -> str:
        """The client's name."""
        ...

    @property
    def size(self) -> int:
        """How many inputs; one turn is worth one."""
        ...

    @property
    def queued(self) -> float:
        """Since when."""
        ...


W = TypeVar("W", bound=Waiting)


class Turns(Generic[W]):
    """First in, first out for each client, one input of each client after the other.

    Items are not torn apart, so a client whose item had several inputs sits out as many turns as it was ahead ("surplus
    round robin": Adiseshu, Parulkar and Varghese, A reliable and scalable striping protocol, SIGCOMM 1996). A client
    whose queue has run empty owes nothing.
    """

    def __init__(self) -> None:
        self._first: OrderedDict[W, None] = OrderedDict()
        self._lines: OrderedDict[str, OrderedDict[W, None]] = OrderedDict()  # whose turn it is comes first
        self._debts: dict[str, int] = {}  # turns to sit out
        self.inputs = 0  # of all who wait

    def __bool__(self) -> bool:
        return bool(self._lines or self._first)

    @property
    def oldest(self) -> float:
        """Since when the one waits who has waited longest; the queue must not be empty."""
        return min(next(iter(line)).queued for line in self._all())

    def join(self, item: W, *, first: bool) -> None:
        """Add an item behind its client's others, or before everyone's."""
        if first:
            line = self._first
        elif (known := self._lines.get(item.client)) is not None:
            line = known
        else:
            line = self._lines[item.client] = OrderedDict()
        line[item] = None
        self.inputs += item.size

    def leave(self, item: W) -> None:
        """Take an item out, wherever it stands; one that is not there any more is left alone."""
        for line in (self._first, self._lines.get(item.client)):
            if line and item in line:
                del line[item]
                self.inputs -= item.size
        if item.client in self._lines and not self._lines[item.client]:
            self._forget(item.client)

    def take(self, room: int) -> list[W]:
        """Take out those whose turn it is, as many as fit into `room` inputs; one at least, if somebody waits."""
        if len(self._lines) == 1 and not self._first:
            return self._take_alone(room)
        items: list[W] = []
        while self._lines or self._first:
            client, line = self._due()
            item = next(iter(line))
            if item.size > room and items:
                break
            room -= item.size
            items.append(item)
            del line[item]
            self.inputs -= item.size
            if client is not None:
                self._pass_on(client, line, item.size)
        return items

    def _take_alone(self, room: int) -> list[W]:
        """The same where one client alone waits, as it is nearly always: some times faster."""
        ((client, line),) = self._lines.items()
        items: list[W] = []
        left = room
        for item in line:
            if item.size > left and items:
                break
            left -= item.size
            items.append(item)
        self.inputs -= room - left
        if len(items) == len(line):
            self._forget(client)
        else:
            for item in items:
                del line[item]
        return items

    def clear(self) -> list[W]:
        """Take everyone out."""
        items = [item for line in self._all() for item in line]
        self._first.clear()
        self._lines.clear()
        self._debts.clear()
        self.inputs = 0
        return items

    def _all(self) -> Iterator[OrderedDict[W, None]]:
        if self._first:
            yield self._first
        yield from self._lines.values()

    def _due(self) -> tuple[str | None, OrderedDict[W, None]]:
        """Return whose turn it is, after those who sit out theirs: each pays one turn. None: those who come first."""
        if self._first:
            return None, self._first
        client, line = next(iter(self._lines.items()))
        while self._debts and len(self._lines) > 1 and self._debts.get(client, 0) > 0:
            self._debts[client] -= 1
            self._lines.move_to_end(client)
            client, line = next(iter(self._lines.items()))
        return client, line

    def _pass_on(self, client: str, line: OrderedDict[W, None], size: int) -> None:
        """Let the next client have its turn, after one of this client's items, of so many inputs, was taken."""
        if not line:
            self._forget(client)
        elif len(self._lines) > 1:
            self._lines.move_to_end(client)
            if size > 1:
                self._debts[client] = size - 1

    def _forget(self, client: str) -> None:
        del self._lines[client]
        self._debts.pop(client, None)
