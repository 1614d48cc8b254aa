"""Merges concurrent requests for one model into few calls.

A call costs the gateway as much as several requests do, so calls should be few and full, but never at the price of an
idle model. An input that finds no call under way leaves at the end of the running event-loop turn: nobody waits for
company. While a call is under way, newcomers gather; they leave together when it returns, when they are enough to make
a further call worthwhile, or when the first of them has waited for `patience`.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from time import monotonic
from typing import Any, Generic, NamedTuple

from gateway.errors import DeadlineExceededError, ModelUnavailableError, ScoringError, internal_fault
from gateway.inference import Input, Model, Reply, Row
from gateway.timing import Timing


class Merging(NamedTuple):
    """When inputs leave, and how many together."""

    max_batch_size: int  # inputs in a call
    max_calls: int  # calls at a time
    worthwhile: int  # waiting inputs for which a further call is made beside one that is under way
    patience: float  # seconds after which it is made for fewer; bounds what one slow call costs those behind it


class Share(NamedTuple, Generic[Row]):
    """One caller's share of a call."""

    reply: Reply[Row]
    timing: Timing


class _Item(Generic[Input, Row]):
    """One caller's inputs, at most one batch of them, and the future that it awaits."""

    __slots__ = ("future", "inputs", "queued", "until")

    def __init__(
        self, inputs: Sequence[Input], queued: float, until: float, future: asyncio.Future[Share[Row]]
    ) -> None:
        self.inputs = inputs
        self.queued = queued
        self.until = until
        self.future = future


class Batcher(Generic[Input, Row]):
    """Gathers inputs for one model and splits the replies; lives on one event loop."""

    def __init__(self, model: Model[Input, Row], merging: Merging) -> None:
        self._model = model
        self._wanted = merging
        self._merging = merging
        self._queue: OrderedDict[_Item[Input, Row], None] = OrderedDict()  # a caller that leaves is taken out at once
        self._calls: set[asyncio.Task[None]] = set()
        self._scheduled = False
        self._timer: asyncio.TimerHandle | None = None
        self.waiting = 0  # inputs in the queue

    def limit(self, max_batch_size: int) -> None:
        """Put no more inputs into a call than the model takes; 0 says that it takes any number."""
        size = min(self._wanted.max_batch_size, max_batch_size or self._wanted.max_batch_size)
        self._merging = self._wanted._replace(max_batch_size=size, worthwhile=min(self._wanted.worthwhile, size))

    async def infer(self, inputs: Sequence[Input], until: float, *, first: bool = False) -> Share[Row]:
        """Ask the model together with other callers, before the time `until` (of `time.monotonic`).

        More inputs than fit into one batch go in several calls; `first` is for those that need not queue. Raises
        DeadlineExceededError when the time is over, ModelUnavailableError when two versions answered one caller, and
        whatever the model raises.
        """
        if len(inputs) <= self._merging.max_batch_size:
            return await self._submit(inputs, until, first=first)
        for _ in range(2):  # a second round sees the new version only, unless models change every few milliseconds
            pieces = await self._submit_pieces(inputs, until)
            if len({piece.reply.version for piece in pieces}) == 1:
                return _joined(pieces)
        raise ModelUnavailableError("The model was replaced while the request was being answered.")

    async def close(self) -> None:
        """Fail everyone who waits, and end the calls in flight."""
        _fail(list(self._queue), ModelUnavailableError("The gateway is stopping."))
        self._queue.clear()
        self.waiting = 0
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _submit_pieces(self, inputs: Sequence[Input], until: float) -> list[Share[Row]]:
        size = self._merging.max_batch_size
        starts = range(0, len(inputs), size)
        pieces = [asyncio.create_task(self._submit(inputs[start : start + size], until)) for start in starts]
        try:
            return await asyncio.gather(*pieces)
        finally:
            for piece in pieces:  # when one has failed, nobody waits for the others
                piece.cancel()

    async def _submit(self, inputs: Sequence[Input], until: float, *, first: bool = False) -> Share[Row]:
        loop = asyncio.get_running_loop()
        now = monotonic()
        item: _Item[Input, Row] = _Item(inputs, now, until, loop.create_future())
        self._queue[item] = None
        if first:
            self._queue.move_to_end(item, last=False)
        self.waiting += len(inputs)
        self._schedule(loop)
        expiry = loop.call_later(until - now, _expire, item.future)
        try:
            return await item.future
        finally:
            expiry.cancel()
            if item in self._queue:
                del self._queue[item]
                self.waiting -= len(inputs)

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._scheduled:
            return
        if self._may_leave():
            self._scheduled = True
            loop.call_soon(self._dispatch)
        elif self._timer is None:
            self._timer = loop.call_later(self._merging.patience, self._lose_patience)

    def _may_leave(self) -> bool:
        if not self._calls:
            return True
        _, max_calls, worthwhile, patience = self._merging
        if len(self._calls) >= max_calls:
            return False
        return self.waiting >= worthwhile or monotonic() - next(iter(self._queue)).queued >= patience

    def _dispatch(self) -> None:
        self._scheduled = False
        while self._queue and self._may_leave():
            call = asyncio.create_task(self._call(self._next_batch()))
            self._calls.add(call)
            call.add_done_callback(self._called)
        if self._queue:
            self._schedule(asyncio.get_running_loop())

    def _lose_patience(self) -> None:
        self._timer = None
        self._dispatch()

    def _called(self, call: asyncio.Task[None]) -> None:
        self._calls.discard(call)
        self._dispatch()

    def _next_batch(self) -> list[_Item[Input, Row]]:
        items: list[_Item[Input, Row]] = []
        room = self._merging.max_batch_size
        while self._queue:
            item = next(iter(self._queue))
            if len(item.inputs) > room and items:  # a lone list longer than a limit that has shrunk leaves all the same
                break
            del self._queue[item]
            items.append(item)
            room -= len(item.inputs)
        self.waiting -= self._merging.max_batch_size - room
        return items

    async def _call(self, items: list[_Item[Input, Row]]) -> None:
        started = monotonic()
        inputs = [each for item in items for each in item.inputs]
        try:
            # The call may last as long as its most patient caller; the others leave on their own.
            reply = await self._model.infer(inputs, max(item.until for item in items))
        except ScoringError as error:
            _fail(items, error)
        except asyncio.CancelledError:
            _fail(items, ModelUnavailableError("The call to the model was cancelled."))
            raise
        except Exception as error:  # noqa: BLE001 - its callers must hear of any fault, or they wait in vain
            _fail(items, internal_fault(error, "a call to the model"))
        else:
            _split(items, reply, started)


def _expire(future: asyncio.Future[Any]) -> None:
    if not future.done():
        future.set_exception(DeadlineExceededError("The request was not answered in time."))


def _fail(items: Sequence[_Item[Any, Any]], error: ScoringError) -> None:
    for item in items:
        if not item.future.done():
            item.future.set_exception(error)


def _split(items: list[_Item[Input, Row]], reply: Reply[Row], started: float) -> None:
    infer = monotonic() - started
    start = 0
    for item in items:
        stop = start + len(item.inputs)
        if not item.future.done():
            timing = Timing(started - item.queued, infer, len(reply.rows))
            item.future.set_result(Share(Reply(reply.version, reply.rows[start:stop]), timing))
        start = stop


def _joined(pieces: list[Share[Row]]) -> Share[Row]:
    timings = [piece.timing for piece in pieces]
    rows = [row for piece in pieces for row in piece.reply.rows]
    timing = Timing(*(max(column) for column in zip(*timings, strict=True)))
    return Share(Reply(pieces[0].reply.version, rows), timing)
