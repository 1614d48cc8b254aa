"""Calls for several requests: whose turn it is, who ends them, and what is told of them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import monotonic

import pytest

from gateway.batcher import Batcher, Merging, Share
from gateway.errors import DeadlineExceededError, ModelUnavailableError
from gateway.inference import ModelCall, Probe, Reply, Served
from gateway.telemetry.trace import Trace

UNSAMPLED = Trace(bytes(16), bytes(8), b"", sampled=False)


def sampled(number: int) -> Trace:
    """A trace that is recorded."""
    return Trace(bytes([number]) * 16, bytes([number]) * 8, b"", sampled=True)


class Held:
    """A model that answers a call when it is let go, and remembers what became of each."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.traces: list[Trace | None] = []
        self.untils: list[float] = []
        self.cancelled = 0
        self.let_go = asyncio.Event()
        self.error: Exception | None = None

    async def infer(self, inputs: Sequence[str], until: float, trace: Trace | None) -> Reply[str]:
        self.calls.append(list(inputs))
        self.traces.append(trace)
        self.untils.append(until)
        try:
            await self.let_go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
        return Reply(Served("1"), list(inputs))


class Seen:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.calls: list[ModelCall] = []

    def called(self, call: ModelCall) -> None:
        self.calls.append(call)


@asynccontextmanager
async def batching(model: Held, seen: Seen, *, size: int = 4, calls: int = 1) -> AsyncIterator[Batcher[str, str]]:
    """A batcher that is watched, and closed at the end."""
    batcher = Batcher(model, Merging(size, calls, size, patience=0.02), "letters", seen)
    yield batcher
    await batcher.close()
    assert (batcher.waiting, batcher.calls) == (0, 0)


def ask(
    batcher: Batcher[str, str], *inputs: str, client: str = "", seconds: float = 5.0, trace: Trace = UNSAMPLED
) -> asyncio.Task[Share[str]]:
    """Begin to ask the model for a client."""
    return asyncio.create_task(batcher.infer(inputs, Probe(monotonic() + seconds, client, trace)))


async def turns(count: int = 5) -> None:
    """Let the event loop turn a few times."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_clients_take_turns() -> None:
    """A client that sends one input leaves with the next call, however many another one has sent before."""
    model = Held()
    async with batching(model, Seen(), size=2) as batcher:
        tasks = [ask(batcher, "a0", client="a")]
        await turns()
        tasks += [ask(batcher, f"a{number}", client="a") for number in range(1, 6)]
        tasks += [ask(batcher, "b", client="b")]
        await turns()
        model.let_go.set()
        await asyncio.gather(*tasks)
    assert model.calls == [["a0"], ["a1", "b"], ["a2", "a3"], ["a4", "a5"]]


async def test_a_call_that_nobody_waits_for_is_cancelled() -> None:
    """When the last of its callers is cancelled, the call to the model is cancelled, and the next one is made."""
    model, seen = Held(), Seen()
    async with batching(model, seen) as batcher:
        leaving = [ask(batcher, "a"), ask(batcher, "b")]
        await turns()
        staying = ask(batcher, "c")
        await turns()
        leaving[0].cancel()
        await turns()
        assert model.cancelled == 0
        leaving[1].cancel()
        await turns()
        assert (model.cancelled, model.calls) == (1, [["a", "b"], ["c"]])
        model.let_go.set()
        assert (await staying).reply.rows == ["c"]
    assert [(call.inputs, call.error) for call in seen.calls] == [(2, "Cancelled"), (1, "")]


async def test_a_call_goes_on_while_one_waits() -> None:
    """However its other callers leave, cancelled or too late, a call is answered to the one who stays."""
    model = Held()
    async with batching(model, Seen()) as batcher:
        late, leaving, staying = ask(batcher, "a", seconds=0.02), ask(batcher, "b"), ask(batcher, "c")
        await turns()
        leaving.cancel()
        with pytest.raises(DeadlineExceededError):
            await late
        await turns()
        model.let_go.set()
        assert (await staying).reply.rows == ["c"]
        assert (model.calls, model.cancelled) == ([["a", "b", "c"]], 0)


async def test_a_call_ends_with_its_most_patient_caller() -> None:
    """A call has the time of the caller who waits longest, and is cancelled when that is over."""
    model, seen = Held(), Seen()
    async with batching(model, seen) as batcher:
        tasks = [ask(batcher, "a", seconds=0.02), ask(batcher, "b", seconds=0.05)]
        before = monotonic()
        errors = await asyncio.gather(*tasks, return_exceptions=True)
        await turns()
        assert [type(error) for error in errors] == [DeadlineExceededError] * 2
        assert model.untils[0] >= before + 0.04
        assert model.cancelled == 1
    assert seen.calls[0].error == "Cancelled"


async def test_a_list_in_pieces_ends_as_one() -> None:
    """A caller that leaves takes all pieces of its list along: those under way and those that wait."""
    model = Held()
    async with batching(model, Seen(), size=2, calls=2) as batcher:
        task = ask(batcher, *"abcdefg")
        await turns()
        assert (model.calls, batcher.waiting) == ([["a", "b"], ["c", "d"]], 3)
        task.cancel()
        await turns(10)
        assert (model.cancelled, batcher.waiting, batcher.calls) == (2, 0, 0)


async def test_who_left_in_the_same_turn_is_not_asked_for() -> None:
    """A caller that leaves in the very turn in which its call is made is not part of it."""
    model = Held()
    async with batching(model, Seen()) as batcher:
        leaving, staying = ask(batcher, "a"), ask(batcher, "b")
        asyncio.get_running_loop().call_soon(leaving.cancel)
        await turns()
        assert model.calls == [["b"]]
        model.let_go.set()
        await staying


async def test_every_call_is_told_of() -> None:
    """The observer hears of answered and of failed calls: model, requests, inputs, times and the error's name."""
    model, seen = Held(), Seen()
    model.let_go.set()
    async with batching(model, seen) as batcher:
        before = monotonic()
        await asyncio.gather(ask(batcher, "a", "b", trace=sampled(1)), ask(batcher, "c"))
        model.error = ModelUnavailableError("gone")
        with pytest.raises(ModelUnavailableError):
            await ask(batcher, "d")
        model.error = ValueError("zq7canary")
        with pytest.raises(Exception, match="fault is logged"):
            await ask(batcher, "e")
    assert [(call.model, call.inputs, call.error) for call in seen.calls] == [
        ("letters", 3, ""), ("letters", 1, "ModelUnavailableError"), ("letters", 1, "InternalFaultError"),
    ]  # fmt: skip
    assert seen.calls[0].members == [sampled(1), UNSAMPLED]
    assert all(before <= call.started <= call.ended <= monotonic() for call in seen.calls)


async def test_a_call_is_part_of_the_first_trace_that_is_recorded() -> None:
    """The model is given a new span within it; where no trace is recorded, none."""
    model, seen = Held(), Seen()
    model.let_go.set()
    async with batching(model, seen) as batcher:
        await asyncio.gather(
            ask(batcher, "a"), ask(batcher, "b", trace=sampled(1)), ask(batcher, "c", trace=sampled(2))
        )
        await ask(batcher, "d")
    trace = seen.calls[0].trace
    assert trace is not None
    assert (trace.trace_id, trace.parent_id) == (sampled(1).trace_id, sampled(1).span_id)
    assert model.traces == [trace, None]
    assert seen.calls[1].trace is None


async def test_a_stop_is_told_of() -> None:
    """Calls that the gateway's stop ends are told of, too, and their callers get an error."""
    model, seen = Held(), Seen()
    async with batching(model, seen) as batcher:
        task = ask(batcher, "a")
        await turns()
        await batcher.close()
        with pytest.raises(ModelUnavailableError):
            await task
    assert [call.error for call in seen.calls] == ["Cancelled"]


async def test_the_first_who_waits_decides_when_patience_ends() -> None:
    """When the first in line has left, the next one's own patience counts, not a new one for all."""
    model = Held()
    async with batching(model, Seen(), calls=2) as batcher:
        stuck = ask(batcher, "a")
        await turns()
        leaving = ask(batcher, "b")
        await turns()
        leaving.cancel()
        await asyncio.sleep(0.01)
        staying = ask(batcher, "c")
        started = monotonic()
        while len(model.calls) < 2:
            await asyncio.sleep(0.001)
            assert monotonic() < started + 5
        assert model.calls == [["a"], ["c"]]
        model.let_go.set()
        await asyncio.gather(stuck, staying)
