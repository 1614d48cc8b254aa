"""Merges concurrent requests for one model into few calls.

A call costs the gateway as much as several requests do, so calls should be few and full, but never at the price of an
idle model. An input that finds no call under way leaves at the end of the running event-loop turn: nobody waits for
company. While a call is under way, newcomers gather; they leave together when it returns, when they are enough to make
a further call worthwhile, or when the first of them has waited for `patience`. Clients take turns.
"""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Generic, NamedTuple

from gateway.errors import ModelUnavailableError
from gateway.inference import Asker, CallObserver, Input, Model, Reply, Row
from gateway.merged_call import Member, MergedCall, Share, fail
from gateway.timing import Timing
from gateway.turns import Turns

__all__ = ["Batcher", "Merging", "Share"]


class Merging(NamedTuple):
    """When inputs leave, and how many together."""

    max_batch_size: int  # inputs in a call
    max_calls: int  # calls at a time
    worthwhile: int  # waiting inputs for which a further call is made beside one that is under way
    patience: float  # seconds after which it is made for fewer; bounds what one slow call costs those behind it

    @property
    def pipeline(self) -> int:
        """Inputs that keep the model busy: so many calls, each just worth making."""
        return self.max_calls * self.worthwhile


class Batcher(Generic[Input, Row]):
    """Gathers inputs for one model and splits the replies; lives on one event loop.

    `observer` is told of every call, under the model's `name`.
    """

    def __init__(
        self, model: Model[Input, Row], merging: Merging, name: str = "", observer: CallObserver | None = None
    ) -> None:
        self._model = model
        self._wanted = merging
        self._merging = merging
        self._name = name
        self._observer = observer
        self._queue: Turns[Member[Input, Row]] = Turns()
        self._calls: set[asyncio.Task[None]] = set()
        self._scheduled = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """Inputs in the queue."""
        return self._queue.inputs

    @property
    def calls(self) -> int:
        """Calls under way."""
        return len(self._calls)

    @property
    def pipeline(self) -> int:
        """Inputs that keep the model busy."""
        return self._merging.pipeline

    def limit(self, max_batch_size: int) -> None:
        """Put no more inputs into a call than the model takes; 0 says that it takes any number."""
        size = min(self._wanted.max_batch_size, max_batch_size or self._wanted.max_batch_size)
        self._merging = self._wanted._replace(max_batch_size=size, worthwhile=min(self._wanted.worthwhile, size))

    async def infer(self, inputs: Sequence[Input], asker: Asker, *, first: bool = False) -> Share[Row]:
        """Ask the model together with other callers, before the asker gives up.

        More inputs than fit into one batch go in several calls; `first` is for those that need not queue. Raises
        DeadlineExceededError when the time is over, ModelUnavailableError when two versions answered one caller, and
        whatever the model raises. A call that nobody waits for any more is cancelled.
        """
        if len(inputs) <= self._merging.max_batch_size:
            return await self._submit(inputs, asker, first=first)
        for _ in range(2):  # a second round sees the new version only, unless models change every few milliseconds
            pieces = await self._submit_pieces(inputs, asker)
            if len({piece.reply.version for piece in pieces}) == 1:
                return _joined(pieces)
        raise ModelUnavailableError("The model was replaced while the request was being answered.")

    async def close(self) -> None:
        """Fail everyone who waits, and end the calls in flight."""
        fail(self._queue.clear(), ModelUnavailableError("The gateway is stopping."))
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _submit_pieces(self, inputs: Sequence[Input], asker: Asker) -> list[Share[Row]]:
        size = self._merging.max_batch_size
        starts = range(0, len(inputs), size)
        pieces = [asyncio.create_task(self._submit(inputs[start : start + size], asker)) for start in starts]
        try:
            return await asyncio.gather(*pieces)
        finally:
            for piece in pieces:  # when one has failed, nobody waits for the others
                piece.cancel()

    async def _submit(self, inputs: Sequence[Input], asker: Asker, *, first: bool = False) -> Share[Row]:
        loop = asyncio.get_running_loop()
        now = monotonic()
        member: Member[Input, Row] = Member(inputs, asker, now, loop.create_future())
        self._queue.join(member, first=first)
        self._schedule(loop)
        expiry = loop.call_later(asker.until - now, member.expire)
        try:
            return await member.future
        except BaseException:  # the caller is cancelled, too late or told of an error: it waits no more
            self._leave(member)
            raise
        finally:
            expiry.cancel()

    def _leave(self, member: Member[Input, Row]) -> None:
        if member.call is None:
            self._queue.leave(member)
        else:
            member.call.leave()

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        """See to it that those who wait leave: now, when there are enough, or when the first of them is impatient."""
        if self._scheduled:
            return
        if self._worthwhile():
            self._scheduled = True
            loop.call_soon(self._dispatch)
        elif self._timer is None and len(self._calls) < self._merging.max_calls:
            patient = self._queue.oldest + self._merging.patience - monotonic()
            self._timer = loop.call_later(patient, self._lose_patience)

    def _worthwhile(self) -> bool:
        calls = len(self._calls)
        return not calls or (calls < self._merging.max_calls and self._queue.inputs >= self._merging.worthwhile)

    def _impatient(self) -> bool:
        return len(self._calls) < self._merging.max_calls and monotonic() - self._queue.oldest >= self._merging.patience

    def _dispatch(self) -> None:
        self._scheduled = False
        while self._queue and (self._worthwhile() or self._impatient()):
            members = [each for each in self._queue.take(self._merging.max_batch_size) if not each.future.done()]
            if members:
                self._call(members)
        if self._queue:
            self._schedule(asyncio.get_running_loop())

    def _lose_patience(self) -> None:
        self._timer = None
        self._dispatch()

    def _called(self, call: asyncio.Task[None]) -> None:
        self._calls.discard(call)
        self._dispatch()

    def _call(self, members: Sequence[Member[Input, Row]]) -> None:
        call = MergedCall(self._model, self._name, self._observer, members).task
        self._calls.add(call)
        call.add_done_callback(self._called)


def _joined(pieces: list[Share[Row]]) -> Share[Row]:
    timings = [piece.timing for piece in pieces]
    rows = [row for piece in pieces for row in piece.reply.rows]
    timing = Timing(*(max(column) for column in zip(*timings, strict=True)))
    return Share(Reply(pieces[0].reply.served, rows), timing)
