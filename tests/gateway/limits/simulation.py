"""A model behind admission and queue, in virtual time: what becomes of a load, without a clock on the wall.

Arrivals are Poisson. The model takes batches like Triton: so many calls may be under way, of which the engine computes
one after the other. Turns are those of the gateway's own queue.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from random import Random
from typing import NamedTuple

import numpy as np

from gateway.errors import OverloadedError
from gateway.limits.admission import Admission, Bounds, Place
from gateway.turns import Turns


class Engine(NamedTuple):
    """A model's batch size, calls at a time, and seconds of a call: `fixed` and more for every item."""

    batch: int
    calls: int
    fixed: float
    each: float
    worthwhile: int
    patience: float

    @property
    def pipeline(self) -> int:
        """Items that keep it busy."""
        return self.batch * self.calls

    @property
    def capacity(self) -> float:
        """Items per second in full batches."""
        return self.batch / self.seconds(self.batch)

    def seconds(self, items: int) -> float:
        """Return how long a call takes."""
        return self.fixed + self.each * items


# As measured: ResNet-152 on a few cores, and the FAQ model.
IMAGES = Engine(batch=16, calls=2, fixed=0.03, each=0.025, worthwhile=16, patience=0.05)
QUESTIONS = Engine(batch=64, calls=4, fixed=0.0008, each=0.00005, worthwhile=32, patience=0.02)


class Load(NamedTuple):
    """Requests of one client: so many per second between two times, each of so many items, with so much time."""

    rate: float
    start: float
    stop: float
    client: str = "anonymous"
    items: int = 1
    seconds: float = 5.0


@dataclass(eq=False)
class Request:
    """A request on its way."""

    client: str
    size: int
    queued: float
    until: float
    place: Place


@dataclass
class Outcome:
    """What became of a load: of each answered request its client, arrival and latency; of each refused its arrival."""

    answered: list[tuple[str, float, float]] = field(default_factory=list)
    refused: list[tuple[str, float, float]] = field(default_factory=list)  # and after how long to come back
    late: list[tuple[str, float]] = field(default_factory=list)

    def latency(self, quantile: float, start: float, stop: float = np.inf, client: str = "") -> float:
        """Return a quantile of the latency of what arrived between two times, in seconds."""
        found = [each for who, at, each in self.answered if start <= at < stop and client in ("", who)]
        return float(np.quantile(found, quantile))

    def goodput(self, start: float, stop: float, client: str = "") -> float:
        """Return the requests per second that were answered between two times."""
        ended = [at + each for who, at, each in self.answered if client in ("", who)]
        return sum(start <= at < stop for at in ended) / (stop - start)


class Simulation:
    """One model, its queue and its admission; `slower` says how many times slower a call is that begins then."""

    def __init__(
        self, engine: Engine, bounds: Bounds, slower: Callable[[float], float] = lambda _: 1.0, seed: int = 1
    ) -> None:
        self.now = 0.0
        self.admission = Admission(bounds, "items", clock=lambda: self.now)
        self.outcome = Outcome()
        self._engine = engine
        self._slower = slower
        self._random = Random(seed)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._queue: Turns[Request] = Turns()
        self._waiting: set[Request] = set()
        self._calls: list[list[Request]] = []  # the engine computes the first
        self._timer = False

    def run(self, *loads: Load) -> Outcome:
        """Let the loads come and be answered."""
        for load in loads:
            self._arrive(load, self._arrivals(load))
        while self._events:
            self.now, _, event = heappop(self._events)
            event()
        assert self.admission.items == 0
        return self.outcome

    def at(self, when: float, event: Callable[[], None]) -> None:
        """Let something happen at a time."""
        self._count += 1
        heappush(self._events, (when, self._count, event))

    def _arrivals(self, load: Load) -> Iterator[float]:
        now = load.start
        while (now := now + self._random.expovariate(load.rate)) < load.stop:
            yield now

    def _arrive(self, load: Load, arrivals: Iterator[float]) -> None:
        arrival = next(arrivals, None)
        if arrival is not None:

            def event() -> None:
                self._arrive(load, arrivals)
                self._enter(load)

            self.at(arrival, event)

    def _enter(self, load: Load) -> None:
        place = None
        try:
            place = self.admission.enter(load.client, 1000, self.now + load.seconds)
            place.expect(load.items)
        except OverloadedError as error:
            if place is not None:
                place.leave(answered=False)
            self.outcome.refused.append((load.client, self.now, error.retry_after))
            return
        request = Request(load.client, load.items, self.now, self.now + load.seconds, place)
        self._waiting.add(request)
        self._queue.join(request, first=False)
        self.at(request.until, partial(self._expire, request))
        self._dispatch()

    def _expire(self, request: Request) -> None:
        if request in self._waiting:
            self._queue.leave(request)
            self._leave(request)
            self.outcome.late.append((request.client, request.queued))
            self._cancel()

    def _leave(self, request: Request) -> None:
        request.place.leave(answered=True)
        self._waiting.discard(request)

    def _may_leave(self) -> bool:
        if not self._calls:
            return True
        patient = self.now < self._queue.oldest + self._engine.patience
        return len(self._calls) < self._engine.calls and not (patient and self._queue.inputs < self._engine.worthwhile)

    def _dispatch(self) -> None:
        while self._queue and self._may_leave():
            self._calls.append(self._queue.take(self._engine.batch))
            if len(self._calls) == 1:
                self._begin()
        if self._queue and len(self._calls) < self._engine.calls and not self._timer:
            self._timer = True
            self.at(self._queue.oldest + self._engine.patience + 1e-9, self._lose_patience)

    def _lose_patience(self) -> None:
        self._timer = False
        self._dispatch()

    def _answer(self, members: list[Request]) -> None:
        self._calls.remove(members)
        for each in members:
            if each in self._waiting:
                self._leave(each)
                self.outcome.answered.append((each.client, each.queued, self.now - each.queued))
        if self._calls:
            self._begin()
        self._dispatch()

    def _begin(self) -> None:
        items = sum(each.size for each in self._calls[0])
        ended = self.now + self._engine.seconds(items) * self._slower(self.now)
        self.at(ended, partial(self._answer, self._calls[0]))

    def _cancel(self) -> None:
        """Take away calls that nobody waits for; the one that the engine computes goes on."""
        self._calls[1:] = [call for call in self._calls[1:] if not self._waiting.isdisjoint(call)]
        self._dispatch()
