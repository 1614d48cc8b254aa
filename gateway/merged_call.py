"""One call to a model on behalf of several requests: made, split, told of, and cancelled when nobody waits for it."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Any, Generic, NamedTuple

from gateway.errors import DeadlineExceededError, ModelUnavailableError, ScoringError, internal_fault
from gateway.inference import Asker, CallObserver, Input, Model, ModelCall, Reply, Row
from gateway.telemetry.trace import Trace
from gateway.timing import Timing

_CANCELLED = "Cancelled"


class Share(NamedTuple, Generic[Row]):
    """One caller's share of a call."""

    reply: Reply[Row]
    timing: Timing


class Member(Generic[Input, Row]):
    """One caller's inputs, at most one batch of them, and the future that it awaits."""

    __slots__ = ("asker", "call", "client", "future", "inputs", "queued", "size")

    def __init__(
        self, inputs: Sequence[Input], asker: Asker, queued: float, future: asyncio.Future[Share[Row]]
    ) -> None:
        self.inputs = inputs
        self.size = len(inputs)
        self.asker = asker
        self.client = asker.client_name
        self.queued = queued
        self.future = future
        self.call: MergedCall[Input, Row] | None = None  # once it has left the queue

    def expire(self) -> None:
        """Tell the caller that its time is over."""
        if not self.future.done():
            self.future.set_exception(DeadlineExceededError("The request was not answered in time."))


class MergedCall(Generic[Input, Row]):
    """A call under way. It ends early when its last member leaves, never while one still waits."""

    def __init__(
        self, model: Model[Input, Row], name: str, observer: CallObserver | None, members: Sequence[Member[Input, Row]]
    ) -> None:
        self._model = model
        self._name = name
        self._observer = observer
        self._waiting = len(members)
        for member in members:
            member.call = self
        self.task = asyncio.create_task(self._run(members))

    def leave(self) -> None:
        """Note that a member waits no more."""
        self._waiting -= 1
        if not self._waiting:
            self.task.cancel()

    async def _run(self, members: Sequence[Member[Input, Row]]) -> None:
        started = monotonic()
        traces = [member.asker.trace for member in members]
        trace = _span(traces)
        inputs = [each for member in members for each in member.inputs]
        error = ""
        try:
            # The call may last as long as its most patient caller; the others leave on their own.
            reply = await self._model.infer(inputs, max([member.asker.until for member in members]), trace)
            _split(members, reply, started)
        except ScoringError as known:
            error = fail(members, known)
        except asyncio.CancelledError:
            error = _CANCELLED
            fail(members, ModelUnavailableError("The call to the model was cancelled."))
            raise
        except Exception as unforeseen:  # noqa: BLE001 - its callers must hear of any fault, or they wait in vain
            error = fail(members, internal_fault(unforeseen, "a call to the model"))
        finally:
            if self._observer is not None:
                call = ModelCall(self._name, trace, traces, started, monotonic(), len(inputs), error)
                self._observer.called(call)


def fail(members: Sequence[Member[Any, Any]], error: ScoringError) -> str:
    """Tell all who still wait of an error, and return its name."""
    for member in members:
        if not member.future.done():
            member.future.set_exception(error)
    return type(error).__name__


def _span(traces: Sequence[Trace]) -> Trace | None:
    for trace in traces:
        if trace.sampled:
            return trace.child()
    return None


def _split(members: Sequence[Member[Input, Row]], reply: Reply[Row], started: float) -> None:
    infer = monotonic() - started
    start = 0
    for member in members:
        stop = start + member.size
        if not member.future.done():
            timing = Timing(started - member.queued, infer, len(reply.rows))
            member.future.set_result(Share(Reply(reply.served, reply.rows[start:stop]), timing))
        start = stop
