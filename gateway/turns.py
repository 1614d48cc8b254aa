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
        if item in self._first:
            self._taken_first(item)
        elif item in self._lines.get(item.client, ()):
            self._taken(item.client, self._lines[item.client], item)

    def take(self, room: int) -> list[W]:
        """Take out those whose turn it is, as many as fit into `room` inputs; one at least, if somebody waits."""
        items: list[W] = []
        while self._lines or self._first:
            client, line = ("", self._first) if self._first else self._due()
            item = next(iter(line))
            if item.size > room and items:
                break
            room -= item.size
            items.append(item)
            if line is self._first:
                self._taken_first(item)
            else:
                self._taken(client, line, item)
                self._pass_on(client, item.size)
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

    def _due(self) -> tuple[str, OrderedDict[W, None]]:
        """Return whose turn it is, after those who sit out theirs: each pays one turn."""
        client, line = next(iter(self._lines.items()))
        while self._debts and len(self._lines) > 1 and self._debts.get(client, 0) > 0:
            self._debts[client] -= 1
            self._lines.move_to_end(client)
            client, line = next(iter(self._lines.items()))
        return client, line

    def _taken(self, client: str, line: OrderedDict[W, None], item: W) -> None:
        del line[item]
        self.inputs -= item.size
        if not line:
            del self._lines[client]
            self._debts.pop(client, None)

    def _taken_first(self, item: W) -> None:
        del self._first[item]
        self.inputs -= item.size

    def _pass_on(self, client: str, size: int) -> None:
        if len(self._lines) > 1 and client in self._lines:
            self._lines.move_to_end(client)
            if size > 1:
                self._debts[client] = size - 1
