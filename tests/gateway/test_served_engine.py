"""Which engine answers, asked rarely, with replicas that differ."""

import asyncio
from time import monotonic

import pytest

from gateway.errors import DeadlineExceededError, ModelUnavailableError
from gateway.inference import Served
from gateway.served_engine import ServedEngine
from gateway.triton.engine import Engine

SMALL, LARGE, ANY_SIZE = Engine("openvino-cpu", 8), Engine("onnxruntime-cpu", 16), Engine("openvino-cpu", 0)
ONE, TWO, THREE = Served("1"), Served("2"), Served("3")


def soon(seconds: float = 5.0) -> float:
    """A deadline."""
    return monotonic() + seconds


class Triton:
    """Says what its engines are, unless it is told not to."""

    def __init__(self) -> None:
        self.engines = {None: LARGE, ONE: LARGE, TWO: SMALL, THREE: ANY_SIZE}
        self.asked: list[Served | None] = []
        self.limits: list[int] = []
        self.answers = asyncio.Event()
        self.answers.set()
        self.fails = False
        self.engine = ServedEngine(self.ask, self.limits.append)

    async def ask(self, served: Served | None, until: float) -> Engine:
        self.asked.append(served)
        await self.answers.wait()
        if self.fails:
            raise ModelUnavailableError("resnet152: Triton does not serve this model.")
        return self.engines[served]


async def test_many_ask_once() -> None:
    """Whoever needs an engine while it is being asked for waits for the same answer."""
    triton = Triton()
    triton.answers.clear()
    waiting = asyncio.gather(*(triton.engine.known(soon()) for _ in range(100)))
    await asyncio.sleep(0.01)
    triton.answers.set()
    assert set(await waiting) == {LARGE}
    assert triton.asked == [None]


async def test_who_cannot_wait_leaves_it_to_the_others() -> None:
    """A caller whose time is over, or who is cancelled, spoils the look-up for nobody."""
    triton = Triton()
    triton.answers.clear()
    hasty, leaving, staying = (asyncio.create_task(triton.engine.known(soon(time))) for time in (0.02, 5, 5))
    with pytest.raises(DeadlineExceededError):
        await hasty
    leaving.cancel()
    triton.answers.set()
    assert await staying == LARGE
    assert triton.asked == [None]


async def test_versions_that_answer_in_turn() -> None:
    """While two versions answer, each is asked for once, and calls are as small as both of them need."""
    triton = Triton()
    for _ in range(10):
        for version in (ONE, TWO):
            assert await triton.engine.of(version, soon()) == triton.engines[version]
    assert triton.asked == [ONE, TWO]
    assert triton.limits == [16, 8]
    assert await triton.engine.known(soon()) == SMALL


async def test_an_answer_is_worth_more_than_the_name_of_its_engine() -> None:
    """Where Triton does not say what engine answered, the one before is named; without one, that is an error."""
    triton = Triton()
    triton.fails = True
    with pytest.raises(ModelUnavailableError, match="does not serve"):
        await triton.engine.of(ONE, soon())
    triton.fails = False
    await triton.engine.of(ONE, soon())
    triton.fails = True
    assert await triton.engine.of(TWO, soon()) == LARGE
    triton.fails = False
    assert await triton.engine.of(TWO, soon()) == SMALL


async def test_an_engine_that_changes() -> None:
    """Asked anew, the engine of a version that is known is replaced."""
    triton = Triton()
    await triton.engine.of(ONE, soon())
    triton.engines[ONE] = SMALL
    assert await triton.engine.of(ONE, soon()) == LARGE
    assert await triton.engine.renewed(ONE, soon()) == SMALL
    assert await triton.engine.of(ONE, soon()) == SMALL
    assert triton.limits == [16, 8]


async def test_no_limit() -> None:
    """A model whose shape sets no limit says 0; beside one that has a limit, the limit counts."""
    triton = Triton()
    await triton.engine.of(THREE, soon())
    await triton.engine.of(ONE, soon())
    assert triton.limits == [0, 16]
