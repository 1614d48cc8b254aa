"""Merging and splitting, with a ranker that computes in this process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.batcher import Batcher, Merging, Share
from gateway.errors import DeadlineExceededError, InternalFaultError, ModelFaultError, ModelUnavailableError
from gateway.inference import Reply


class SlowRanker:
    """Answers a question that is a number with that number, when told to."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.version = "1"
        self.error: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def infer(self, inputs: Sequence[bytes], until: float) -> Reply[int]:
        numbers = [int(text) for text in inputs]
        self.calls.append(numbers)
        version = self.version
        error = self.error
        await self.open.wait()
        if error is not None:
            raise error
        return Reply(version, numbers)


@asynccontextmanager
async def batching(
    ranker: SlowRanker, *, max_batch_size: int = 8, max_calls: int = 1, worthwhile: int | None = None
) -> AsyncIterator[Batcher[bytes, int]]:
    """A batcher that is closed at the end."""
    enough = (max_batch_size + 1) // 2 if worthwhile is None else worthwhile
    batcher = Batcher(ranker, Merging(max_batch_size, max_calls, enough, patience=0.02))
    yield batcher
    await batcher.close()
    assert batcher.waiting == 0


def ask(batcher: Batcher[bytes, int], *numbers: int, seconds: float = 5) -> asyncio.Task[Share[int]]:
    """Begin to ask the model."""
    return asyncio.create_task(batcher.infer([b"%d" % number for number in numbers], monotonic() + seconds))


async def turns(count: int = 5) -> None:
    """Let the event loop turn a few times."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_lone_question_leaves_at_once() -> None:
    """A question that finds nobody else goes to the model alone, without waiting for company."""
    ranker = SlowRanker()
    async with batching(ranker) as batcher:
        ranked = await ask(batcher, 7)
        assert ranker.calls == [[7]]
        assert ranked.reply == Reply("1", [7])
        assert ranked.timing.batch == 1


async def test_newcomers_gather_while_a_call_is_under_way() -> None:
    """What arrives during a call leaves in one call when it returns, in order of arrival."""
    ranker = SlowRanker()
    ranker.open.clear()
    async with batching(ranker) as batcher:
        tasks = [ask(batcher, 0)]
        await turns()
        tasks += [ask(batcher, number) for number in range(1, 6)]
        await turns()
        assert (ranker.calls, batcher.waiting) == ([[0]], 5)
        ranker.open.set()
        ranked = await asyncio.gather(*tasks)
    assert ranker.calls == [[0], [1, 2, 3, 4, 5]]
    assert [each.reply.rows for each in ranked] == [[number] for number in range(6)]


async def test_a_call_takes_no_more_than_a_batch() -> None:
    """A queue longer than a batch leaves in several calls; a list is never torn apart needlessly."""
    ranker = SlowRanker()
    ranker.open.clear()
    async with batching(ranker, max_batch_size=4) as batcher:
        tasks = [ask(batcher, 0)]
        await turns()
        tasks += [ask(batcher, 1, 2, 3), ask(batcher, 4, 5), ask(batcher, 6)]
        await turns()
        ranker.open.set()
        await asyncio.gather(*tasks)
    assert ranker.calls == [[0], [1, 2, 3], [4, 5, 6]]


async def test_a_further_call_when_it_is_worthwhile() -> None:
    """Half a batch of newcomers leaves beside the call that is under way, up to the limit of calls."""
    ranker = SlowRanker()
    ranker.open.clear()
    async with batching(ranker, max_batch_size=8, max_calls=2) as batcher:
        tasks = [ask(batcher, 0)]
        await turns()
        tasks += [ask(batcher, number) for number in range(1, 4)]
        await turns()
        assert ranker.calls == [[0]]
        tasks += [ask(batcher, number) for number in range(4, 20)]
        await turns()
        assert [len(call) for call in ranker.calls] == [1, 8]
        ranker.open.set()
        await asyncio.gather(*tasks)


async def test_a_slow_call_does_not_hold_up_the_next() -> None:
    """A single newcomer behind a call that hangs gets a call of its own after a moment."""
    ranker = SlowRanker()
    ranker.open.clear()
    async with batching(ranker, max_calls=2) as batcher:
        stuck = ask(batcher, 0)
        await turns()
        ranker.open = asyncio.Event()
        ranker.open.set()
        assert (await ask(batcher, 1)).reply.rows == [1]
        assert not stuck.done()
        stuck.cancel()


async def test_a_failed_call_fails_exactly_its_own() -> None:
    """The callers of a failed call get its error; those before and after get their answers."""
    ranker = SlowRanker()
    async with batching(ranker) as batcher:
        assert (await ask(batcher, 1)).reply.rows == [1]
        ranker.error = ModelFaultError("broken")
        failed = await asyncio.gather(ask(batcher, 2), ask(batcher, 3), return_exceptions=True)
        assert all(error is ranker.error for error in failed)
        ranker.error = None
        assert (await ask(batcher, 4)).reply.rows == [4]


async def test_an_unforeseen_error_reaches_its_callers(caplog: pytest.LogCaptureFixture) -> None:
    """A bug in the ranker fails its callers at once; the log says where, and nothing that a user wrote."""
    ranker = SlowRanker()
    async with batching(ranker) as batcher:
        with pytest.raises(InternalFaultError):
            await batcher.infer([b"zq7canary"], monotonic() + 5)
    assert "ValueError at " in caplog.text
    assert "zq7canary" not in caplog.text


async def test_callers_that_leave_are_not_ranked() -> None:
    """A cancelled caller frees its place in the queue at once and is not sent to the model."""
    ranker = SlowRanker()
    ranker.open.clear()
    async with batching(ranker) as batcher:
        first = ask(batcher, 0)
        await turns()
        leaving, staying = ask(batcher, 1, 2), ask(batcher, 3)
        await turns()
        leaving.cancel()
        await turns()
        assert batcher.waiting == 1
        ranker.open.set()
        await asyncio.gather(first, staying)
    assert ranker.calls == [[0], [3]]


async def test_the_deadline_covers_the_queue() -> None:
    """Neither a call that hangs nor the queue behind it keeps a caller longer than its deadline."""
    ranker = SlowRanker()
    ranker.open.clear()
    async with batching(ranker) as batcher:
        tasks = [ask(batcher, 0, seconds=0.05)]
        await turns()
        tasks.append(ask(batcher, 1, seconds=0.05))
        for task in tasks:
            with pytest.raises(DeadlineExceededError):
                await asyncio.wait_for(task, 2)
        assert batcher.waiting == 0


async def test_a_list_larger_than_a_batch_is_split() -> None:
    """A long list goes in several calls and comes back as one, in order."""
    ranker = SlowRanker()
    async with batching(ranker, max_batch_size=4) as batcher:
        ranked = await ask(batcher, *range(11))
    assert [len(call) for call in ranker.calls] == [4, 4, 3]
    assert ranked.reply.rows == list(range(11))
    assert ranked.timing.batch == 4


async def test_one_list_gets_one_version() -> None:
    """When the model is replaced between the calls for a list, the list is ranked again by the new version."""
    ranker = SlowRanker()
    ranker.open.clear()
    async with batching(ranker, max_batch_size=4) as batcher:
        task = ask(batcher, *range(8))
        await turns()
        ranker.version = "2"
        ranker.open.set()
        assert (await task).reply.version == "2"
        assert len(ranker.calls) == 4


async def test_a_failed_piece_fails_its_list_only() -> None:
    """When one call for a list fails, the list fails and its other pieces leave the queue."""
    ranker = SlowRanker()
    ranker.error = ModelUnavailableError("gone")
    async with batching(ranker, max_batch_size=2) as batcher:
        with pytest.raises(ModelUnavailableError):
            await ask(batcher, *range(10))
        await turns()
        assert batcher.waiting == 0
        ranker.error = None
        assert (await ask(batcher, 1)).reply.rows == [1]


async def test_closing_answers_everyone() -> None:
    """Those who wait and those in a call get an error when the gateway stops, at once."""
    ranker = SlowRanker()
    ranker.open.clear()
    async with batching(ranker) as batcher:
        tasks = [ask(batcher, 0)]
        await turns()
        tasks.append(ask(batcher, 1))
        await turns()
        await batcher.close()
        errors = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(error) for error in errors] == [ModelUnavailableError, ModelUnavailableError]
    assert ranker.calls == [[0]]


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=30),
    pauses=st.lists(st.integers(0, 3), min_size=30, max_size=30),
    max_batch_size=st.integers(1, 6),
    max_calls=st.integers(1, 3),
)
async def test_everyone_gets_their_own(
    sizes: list[int], pauses: list[int], max_batch_size: int, max_calls: int
) -> None:
    """However requests of any size interleave, each gets the answers to its own questions, in order."""
    ranker = SlowRanker()
    async with batching(ranker, max_batch_size=max_batch_size, max_calls=max_calls) as batcher:
        tasks, number = [], 0
        for size, pause in zip(sizes, pauses, strict=False):
            tasks.append((ask(batcher, *range(number, number + size)), range(number, number + size)))
            number += size
            await turns(pause)
        for task, numbers in tasks:
            assert (await task).reply.rows == list(numbers)
    assert sorted(each for call in ranker.calls for each in call) == list(range(number))
    assert max(len(call) for call in ranker.calls) <= max_batch_size
