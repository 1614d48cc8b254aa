"""Merges concurrent questions into few calls to the model.

A call costs the gateway as much as several requests do, so calls should be few and full, but never at the price of an
idle model. A question that finds no call under way leaves at the end of the running event-loop turn: nobody waits for
company. While a call is under way, newcomers gather; they leave together when it returns, when they are enough to make
a further call worthwhile, or when the first of them has waited for `PATIENCE`.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from time import monotonic
from typing import NamedTuple

from gateway.errors import DeadlineExceededError, ModelUnavailableError, ScoringError, internal_fault
from gateway.timing import Timing
from gateway.triton import Ranker, Ranking

PATIENCE = 0.02  # seconds; bounds what one slow call costs those behind it


class Ranked(NamedTuple):
    """One caller's share of a call."""

    ranking: Ranking
    timing: Timing


class _Item:
    """One caller's questions, at most one batch of them, and the future that it awaits."""

    __slots__ = ("future", "queued", "texts", "until")

    def __init__(self, texts: Sequence[bytes], queued: float, until: float, future: asyncio.Future[Ranked]) -> None:
        self.texts = texts
        self.queued = queued
        self.until = until
        self.future = future


class Batcher:
    """Gathers questions and splits the replies; lives on one event loop."""

    def __init__(self, ranker: Ranker, *, max_batch_size: int, max_calls: int) -> None:
        self._ranker = ranker
        self._max_batch_size = max_batch_size
        self._max_calls = max_calls
        self._worthwhile = (max_batch_size + 1) // 2  # questions for which a further call is made
        self._queue: OrderedDict[_Item, None] = OrderedDict()  # a caller that leaves is taken out at once
        self._calls: set[asyncio.Task[None]] = set()
        self._scheduled = False
        self._timer: asyncio.TimerHandle | None = None
        self.waiting = 0  # questions in the queue

    async def rank(self, texts: Sequence[bytes], until: float) -> Ranked:
        """Rank questions together with those of other callers, before the time `until` (of `time.monotonic`).

        More texts than fit into one batch go in several calls. Raises DeadlineExceededError when the time is over,
        ModelUnavailableError when two versions answered one caller, and whatever the ranker raises.
        """
        if len(texts) <= self._max_batch_size:
            return await self._submit(texts, until)
        for _ in range(2):  # a second round sees the new version only, unless models change every few milliseconds
            pieces = await self._submit_pieces(texts, until)
            if len({piece.ranking.version for piece in pieces}) == 1:
                return _joined(pieces)
        raise ModelUnavailableError("The model was replaced while the questions were being answered.")

    async def close(self) -> None:
        """Fail everyone who waits, and end the calls in flight."""
        _fail(list(self._queue), ModelUnavailableError("The gateway is stopping."))
        self._queue.clear()
        self.waiting = 0
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _submit_pieces(self, texts: Sequence[bytes], until: float) -> list[Ranked]:
        size = self._max_batch_size
        starts = range(0, len(texts), size)
        pieces = [asyncio.create_task(self._submit(texts[start : start + size], until)) for start in starts]
        try:
            return await asyncio.gather(*pieces)
        finally:
            for piece in pieces:  # when one has failed, nobody waits for the others
                piece.cancel()

    async def _submit(self, texts: Sequence[bytes], until: float) -> Ranked:
        loop = asyncio.get_running_loop()
        now = monotonic()
        item = _Item(texts, now, until, loop.create_future())
        self._queue[item] = None
        self.waiting += len(texts)
        self._schedule(loop)
        expiry = loop.call_later(until - now, _expire, item.future)
        try:
            return await item.future
        finally:
            expiry.cancel()
            if item in self._queue:
                del self._queue[item]
                self.waiting -= len(texts)

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._scheduled:
            return
        if self._may_leave():
            self._scheduled = True
            loop.call_soon(self._dispatch)
        elif self._timer is None:
            self._timer = loop.call_later(PATIENCE, self._lose_patience)

    def _may_leave(self) -> bool:
        if not self._calls:
            return True
        if len(self._calls) >= self._max_calls:
            return False
        return self.waiting >= self._worthwhile or monotonic() - next(iter(self._queue)).queued >= PATIENCE

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

    def _next_batch(self) -> list[_Item]:
        items: list[_Item] = []
        room = self._max_batch_size
        while self._queue:
            item = next(iter(self._queue))
            if len(item.texts) > room:
                break
            del self._queue[item]
            items.append(item)
            room -= len(item.texts)
        self.waiting -= self._max_batch_size - room
        return items

    async def _call(self, items: list[_Item]) -> None:
        started = monotonic()
        texts = [text for item in items for text in item.texts]
        try:
            # The call may last as long as its most patient caller; the others leave on their own.
            ranking = await self._ranker.rank(texts, max(item.until for item in items))
        except ScoringError as error:
            _fail(items, error)
        except asyncio.CancelledError:
            _fail(items, ModelUnavailableError("The call to the model was cancelled."))
            raise
        except Exception as error:  # noqa: BLE001 - its callers must hear of any fault, or they wait in vain
            _fail(items, internal_fault(error, "a call to the model"))
        else:
            _split(items, ranking, started)


def _expire(future: asyncio.Future[Ranked]) -> None:
    if not future.done():
        future.set_exception(DeadlineExceededError("The question was not answered in time."))


def _fail(items: list[_Item], error: ScoringError) -> None:
    for item in items:
        if not item.future.done():
            item.future.set_exception(error)


def _split(items: list[_Item], ranking: Ranking, started: float) -> None:
    infer = monotonic() - started
    start = 0
    for item in items:
        stop = start + len(item.texts)
        if not item.future.done():
            share = Ranking(ranking.version, ranking.ids[start:stop], ranking.probabilities[start:stop])
            item.future.set_result(Ranked(share, Timing(started - item.queued, infer, len(ranking.ids))))
        start = stop


def _joined(pieces: list[Ranked]) -> Ranked:
    rankings = [piece.ranking for piece in pieces]
    timings = [piece.timing for piece in pieces]
    return Ranked(
        Ranking(
            rankings[0].version,
            [ids for ranking in rankings for ids in ranking.ids],
            [probabilities for ranking in rankings for probabilities in ranking.probabilities],
        ),
        Timing(*(max(column) for column in zip(*timings, strict=True))),
    )
