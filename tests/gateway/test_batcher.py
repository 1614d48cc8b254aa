"""Merging and splitting, with a model that computes in this process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.batcher import Batcher, Merging, Share
from gateway.errors import DeadlineExceededError, InternalFaultError, ModelFaultError, ModelUnavailableError
from gateway.inference import Probe, Reply, Served
from gateway.telemetry.trace import Trace


class SlowRanker:
    """Answers a question that is a number with that number, when told to."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.version = "1"
        self.error: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def infer(self, inputs: Sequence[bytes], until: float, trace: Trace | None) -> Reply[int]:
        numbers = [int(text) for text in inputs]
        self.calls.append(numbers)
        version = self.version
        error = self.error
        await self.open.wait()
        if error is not None:
            raise error
        return Reply(Served(version), numbers)


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
    return asyncio.create_task(batcher.infer([b"%d" % number for number in numbers], Probe(monotonic() + seconds)))


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
        assert ranked.reply == Reply(Served("1"), [7])
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


async def test_where_only_a_full_call_is_worthwhile() -> None:
    """Newcomers gather beside a call under way until they fill a batch, or until the first loses patience."""
    ranker = SlowRanker()
    ranker.open.clear()
    async with batching(ranker, max_batch_size=4, max_calls=3, worthwhile=4) as batcher:
        tasks = [ask(batcher, number) for number in range(4)]
        await turns()
        tasks += [ask(batcher, number) for number in range(4, 11)]
        await turns()
        assert ranker.calls == [[0, 1, 2, 3], [4, 5, 6, 7]]
        await asyncio.sleep(0.05)
        assert ranker.calls[2:] == [[8, 9, 10]]
        ranker.open.set()
        await asyncio.gather(*tasks)


async def test_who_comes_first_does_not_queue() -> None:
    """An input that need not queue leaves with the next call, before those who have waited longer."""
    ranker = SlowRanker()
    ranker.open.clear()
    async with batching(ranker, max_batch_size=2) as batcher:
        tasks = [ask(batcher, 0)]
        await turns()
        tasks += [ask(batcher, number) for number in range(1, 5)]
        await turns()
        tasks.append(asyncio.create_task(batcher.infer([b"9"], Probe(monotonic() + 5), first=True)))
        await turns()
        ranker.open.set()
        await asyncio.gather(*tasks)
    assert ranker.calls == [[0], [9, 1], [2, 3], [4]]


async def test_the_model_s_own_limit() -> None:
    """No call is larger than what the model is said to take, and none than what the gateway wants."""
    ranker = SlowRanker()
    async with batching(ranker, max_batch_size=4) as batcher:
        for limit, sizes in ((3, [3, 3, 2]), (0, [4, 4]), (1, [1] * 8), (100, [4, 4])):
            batcher.limit(limit)
            ranker.calls.clear()
            assert (await ask(batcher, *range(8))).reply.rows == list(range(8))
            assert [len(call) for call in ranker.calls] == sizes


async def test_a_limit_that_shrinks_strands_nobody() -> None:
    """A list that is queued already when the limit falls below its length still leaves, alone."""
    ranker = SlowRanker()
    ranker.open.clear()
    async with batching(ranker, max_batch_size=4) as batcher:
        tasks = [ask(batcher, 0)]
        await turns()
        tasks += [ask(batcher, 1, 2, 3), ask(batcher, 4, 5), ask(batcher, 6)]
        await turns()
        batcher.limit(2)
        ranker.open.set()
        await asyncio.gather(*tasks)
    assert ranker.calls == [[0], [1, 2, 3], [4, 5], [6]]


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
            await batcher.infer([b"zq7canary"], Probe(monotonic() + 5))
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
                await asyncio.wait_for(task, 20)
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


@settings(max_examples=60)
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


@settings(max_examples=60)
@given(data=st.data())
async def test_whatever_happens_nobody_is_lost(data: st.DataObject) -> None:
    """However requests come, leave, run late and jump the queue while limits change, the others get their answers.

    Nothing is asked twice, no call is larger than the largest limit, and the queue ends empty.
    """
    ranker = SlowRanker()
    leaving: list[asyncio.Task[Share[int]]] = []
    staying: list[tuple[asyncio.Task[Share[int]], range]] = []
    number = 0
    async with batching(ranker, max_batch_size=6, max_calls=2, worthwhile=6) as batcher:
        for _ in range(data.draw(st.integers(1, 25))):
            numbers = range(number, number + data.draw(st.integers(1, 14)))
            number = numbers.stop
            first = data.draw(st.booleans()) and len(numbers) == 1
            inputs = [b"%d" % each for each in numbers]
            task = asyncio.create_task(batcher.infer(inputs, Probe(monotonic() + 5), first=first))
            match data.draw(st.sampled_from(["stays", "stays", "leaves", "limit", "pause"])):
                case "leaves":
                    leaving.append(task)
                    await turns(data.draw(st.integers(0, 3)))
                    task.cancel()
                    continue
                case "limit":
                    batcher.limit(data.draw(st.integers(0, 7)))
                case "pause":
                    await turns(data.draw(st.integers(0, 3)))
            staying.append((task, numbers))
        for task, numbers in staying:
            assert (await task).reply.rows == list(numbers)
        await asyncio.gather(*leaving, return_exceptions=True)
        assert batcher.waiting == 0
    asked = [each for call in ranker.calls for each in call]
    assert len(asked) == len(set(asked))
    assert set(asked) >= {each for _, numbers in staying for each in numbers}
    assert max(map(len, ranker.calls), default=0) <= 6
