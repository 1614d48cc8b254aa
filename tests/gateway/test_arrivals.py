"""Messages that arrive slowly: their places, and those who wait for one."""

import asyncio

import pytest

from gateway.arrivals import Arrivals
from gateway.errors import SlowBodyError


async def never() -> bytes:
    """A message that does not come."""
    await asyncio.Event().wait()
    return b""


async def at_once() -> bytes:
    """A message that is there."""
    return b"x"


async def ended(tasks: list["asyncio.Task[bytes]"]) -> list[type[BaseException] | bytes]:
    """Wait for all, and return what became of each."""
    return [
        type(each) if isinstance(each, BaseException) else each
        for each in await asyncio.gather(*tasks, return_exceptions=True)
    ]


async def test_places_are_few() -> None:
    """No more messages arrive at a time than there are places; none is lost."""
    arrivals, under_way, most = Arrivals(2, 60), 0, 0

    async def read() -> bytes:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return b"x"

    assert await asyncio.gather(*(arrivals.take(read) for _ in range(10))) == [b"x"] * 10
    assert most == 2


async def test_a_message_that_does_not_come() -> None:
    """Patience ends, and the place is free again."""
    arrivals = Arrivals(1, 0.05)
    with pytest.raises(SlowBodyError, match=r"did not arrive within 0\.05 s"):
        await arrivals.take(never)
    assert await arrivals.take(at_once) == b"x"


async def test_nobody_is_hurried_for_nothing() -> None:
    """While there are places, a slow message has all its time."""
    arrivals = Arrivals(2, 60)
    slow = asyncio.create_task(arrivals.take(never))
    await asyncio.sleep(2.3)
    assert await arrivals.take(at_once) == b"x"
    assert not slow.done()
    slow.cancel()
    assert await ended([slow]) == [asyncio.CancelledError]


async def test_the_slowest_makes_room() -> None:
    """For each that waits, the one that has held its place longest must hurry; the others keep theirs."""
    arrivals = Arrivals(3, 60)
    slow = [asyncio.create_task(arrivals.take(never)) for _ in range(3)]
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        assert await arrivals.take(at_once) == b"x"
    assert [each.done() for each in slow] == [True, False, False]
    for each in slow:
        each.cancel()
    assert await ended(slow) == [SlowBodyError, asyncio.CancelledError, asyncio.CancelledError]


async def test_a_queue_of_idle_calls_moves_on() -> None:
    """However many send nothing, whoever comes next gets a place: those who kept others waiting are sent off."""
    arrivals = Arrivals(2, 60)
    idle = [asyncio.create_task(arrivals.take(never)) for _ in range(6)]
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        assert await arrivals.take(at_once) == b"x"
    for each in idle:
        each.cancel()
    assert (await ended(idle))[:4] == [SlowBodyError] * 4
