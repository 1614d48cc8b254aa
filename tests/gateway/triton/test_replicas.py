"""Several Tritons, some of them ill: who is asked, who is left alone, and what its callers notice."""

import asyncio
import gc
import random
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from time import monotonic

import grpc
import pytest
from tritonclient.grpc import service_pb2

from gateway.errors import DeadlineExceededError, ModelFaultError, ModelUnavailableError, ScoringError
from gateway.inference import Served
from gateway.triton.addresses import NOWHERE, Addresses, parse
from gateway.triton.channel import TritonChannel
from gateway.triton.faq import FaqRanker
from gateway.triton.images import ImageClassifier
from gateway.triton.replicas import Replicas
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.triton.link import Link, Mode, linked
from tests.gateway.triton.test_images import noise

MODEL = "faq_matcher"
OPEN, CLOSED = 2, 0


class Stack:
    """Tritons, a link to each, and a client of them all."""

    def __init__(self, tritons: Sequence[FakeTriton], links: Sequence[Link], channel: TritonChannel) -> None:
        self.tritons = tritons
        self.links = links
        self.channel = channel
        self.faq = FaqRanker(channel, MODEL)

    async def ask(self, seconds: float = 5.0) -> None:
        """Ask a question, with that many seconds for the answer."""
        await self.faq.infer([b"loop"], monotonic() + seconds)

    async def outcome(self, seconds: float = 5.0) -> type[ScoringError] | None:
        """Ask a question and return its error, None for an answer; both come in time."""
        try:
            await asyncio.wait_for(self.ask(seconds), seconds + 10)
        except ScoringError as error:
            return type(error)
        return None

    async def outcomes(self, seconds: float, every: float = 0.01) -> list[type[ScoringError] | None]:
        """Ask at a steady rate for so many seconds."""
        asked, end = list[asyncio.Task[type[ScoringError] | None]](), monotonic() + seconds
        while monotonic() < end:
            asked.append(asyncio.create_task(self.outcome()))
            await asyncio.sleep(every)
        return await asyncio.gather(*asked)

    def breaker(self, number: int) -> int:
        """Return the state of a replica's breaker."""
        return next(each.breaker for each in self.channel.replicas() if each.address == self.links[number].url)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something, asking meanwhile."""
        async with asyncio.timeout(30):
            while not condition():
                await self.outcome()
                await asyncio.sleep(0.01)


@asynccontextmanager
async def stack(count: int = 2, *more: str, reserve: int = 0) -> AsyncIterator[Stack]:
    """So many Tritons, connected, the last `reserve` of them in reserve; `more` are further addresses."""
    async with AsyncExitStack() as exits:
        tritons = [await exits.enter_async_context(running_triton(FakeTriton())) for _ in range(count)]
        links = [await exits.enter_async_context(linked(triton.url)) for triton in tritons]
        urls, first = [link.url for link in links], count - reserve
        channel = TritonChannel(
            parse(",".join([*urls[:first], *more])), parse(",".join(urls[first:])) if reserve else NOWHERE
        )
        exits.push_async_callback(channel.close)
        made = Stack(tritons, links, channel)
        await made.until(lambda: all(made.breaker(number) == CLOSED for number in range(count)))
        for triton in tritons:
            triton.calls.clear()
        yield made


async def test_calls_take_turns() -> None:
    """Of replicas with equally many calls in flight, each is asked in turn."""
    async with stack(3) as tritons:
        for _ in range(30):
            await tritons.ask()
        assert [len(triton.calls) for triton in tritons.tritons] == [10, 10, 10]


async def test_the_busy_one_is_spared() -> None:
    """A replica that is slow gets fewer calls, for it has more in flight."""
    async with stack() as tritons:
        tritons.tritons[0].delay = 2.0
        slow = asyncio.gather(*(tritons.ask() for _ in range(2)))
        await asyncio.sleep(0.05)
        for _ in range(20):
            await tritons.ask()
        await slow
        assert [len(triton.calls) for triton in tritons.tritons] == [1, 21]


async def test_the_reserve_stands_in_and_steps_back() -> None:
    """One in reserve is asked for as long as no other can be, however busy the others are, and is counted."""
    async with stack(reserve=1) as tritons:
        preferred, reserve = tritons.tritons
        before = tritons.channel.stand_ins
        await asyncio.gather(*(tritons.ask() for _ in range(20)))
        assert (len(preferred.calls), len(reserve.calls)) == (20, 0)
        await tritons.links[0].set("cut")
        await tritons.until(lambda: bool(reserve.calls))
        reserve.calls.clear()
        assert await tritons.outcomes(0.2) == [None] * len(reserve.calls)
        assert tritons.channel.stand_ins >= before + len(reserve.calls)
        await tritons.links[0].set("open")
        preferred.calls.clear()
        await tritons.until(lambda: bool(preferred.calls))
        reserve.calls.clear()
        await asyncio.gather(*(tritons.ask() for _ in range(20)))
        assert reserve.calls == []


async def test_a_call_whose_connection_breaks_is_made_again() -> None:
    """A call in flight to a replica that dies is answered by the other one, and counted."""
    async with stack() as tritons:
        for triton in tritons.tritons:
            triton.delay = 0.3
        asked = asyncio.gather(*(tritons.ask() for _ in range(6)))
        await asyncio.sleep(0.1)
        await tritons.links[0].set("cut")
        await asked
        assert [len(triton.calls) for triton in tritons.tritons] == [3, 6]
        assert sum(each.retries for each in tritons.channel.replicas()) == 3


async def test_nothing_is_lost_when_a_replica_dies() -> None:
    """Under load, a replica that dies costs no call, and it gets calls again when it is back."""
    async with stack() as tritons:
        load = asyncio.create_task(tritons.outcomes(4.0))
        await asyncio.sleep(0.5)
        await tritons.links[0].set("cut")
        await asyncio.sleep(1.0)
        tritons.tritons[0].calls.clear()
        await tritons.links[0].set("open")
        assert set(await load) == {None}
        assert len(tritons.tritons[0].calls) > 10


async def test_a_connection_that_breaks_when_there_is_no_other() -> None:
    """Calls in flight to a lone Triton whose connection broke, and no more, are answered on a new one."""
    async with stack(1) as tritons:
        tritons.tritons[0].delay = 0.3
        asked = asyncio.gather(*(tritons.ask() for _ in range(10)))
        await asyncio.sleep(0.1)
        tritons.links[0].hang_up()
        await asked
        assert len(tritons.tritons[0].calls) == 20


async def test_retries_run_out() -> None:
    """A connection that breaks under every call has no more calls made again than the budget allows."""
    async with stack(1) as tritons:
        tritons.tritons[0].delay = 0.05

        async def break_it() -> None:
            while True:
                tritons.links[0].hang_up()
                await asyncio.sleep(0.01)

        breaking = asyncio.create_task(break_it())
        outcomes = await tritons.outcomes(3.0, every=0.005)
        breaking.cancel()
        assert set(outcomes) == {ModelUnavailableError}
        assert sum(each.retries for each in tritons.channel.replicas()) <= 50 + len(outcomes) / 10


async def test_an_engine_that_few_know() -> None:
    """The configuration of a version is asked of one replica after the other: during a roll-out not all have it."""
    async with stack(3) as tritons:
        for triton in tritons.tritons[:2]:
            triton.image_status = grpc.StatusCode.NOT_FOUND
        images = ImageClassifier(tritons.channel, "resnet152")
        for _ in range(6):
            assert (await images.engine(Served("2"), monotonic() + 5)).max_batch_size == 16
        assert tritons.tritons[2].config_calls == ["2"] * 6
        tritons.tritons[2].image_status = grpc.StatusCode.NOT_FOUND
        with pytest.raises(ModelUnavailableError, match="does not serve this model"):
            await images.engine(Served("2"), monotonic() + 5)


async def test_what_was_sent_is_let_go() -> None:
    """Once a call is answered nothing holds its message any more, though the garbage collector has not come."""
    async with stack(1) as tritons:
        message = question("loop" * 10_000)
        held = sys.getrefcount(message)
        gc.disable()
        try:
            await tritons.channel.infer(MODEL, message, monotonic() + 5)
            await asyncio.sleep(0.1)
            assert sys.getrefcount(message) == held
        finally:
            gc.enable()


async def test_after_the_end() -> None:
    """A channel that is closed cancels what is in flight, has no replicas, and answers nobody."""
    async with stack(1) as tritons:
        tritons.tritons[0].delay = 60
        asked = asyncio.create_task(tritons.ask(60))
        await asyncio.sleep(0.1)
        await tritons.channel.close()
        await asyncio.wait((asked,), timeout=10)
        assert asked.cancelled()
        assert tritons.channel.replicas() == []
        assert await tritons.outcome() is ModelUnavailableError


async def test_nobody_is_asked_twice_when_its_time_is_over() -> None:
    """A call whose connection breaks in its last moment fails in time, and no further replica is bothered."""
    async with stack() as tritons:
        for triton in tritons.tritons:
            triton.delay = 30
        asked = asyncio.create_task(tritons.outcome(0.3))
        await asyncio.sleep(0.298)
        for triton, link in zip(tritons.tritons, tritons.links, strict=True):
            if triton.calls:
                link.hang_up()
        assert await asyncio.wait_for(asked, 20) in {DeadlineExceededError, ModelUnavailableError}
        assert sum(len(triton.calls) for triton in tritons.tritons) == 1


async def test_a_call_is_made_twice_at_most() -> None:
    """When all replicas say that they are unavailable, two are asked and no more; then none for a while."""
    async with stack(3) as tritons:
        for triton in tritons.tritons:
            triton.status = grpc.StatusCode.UNAVAILABLE
        assert await tritons.outcome() is ModelUnavailableError
        assert sorted(len(triton.calls) for triton in tritons.tritons) == [0, 1, 1]
        await tritons.outcomes(1.0, every=0.002)
        assert sum(len(triton.calls) for triton in tritons.tritons) < 40
        assert tritons.channel.outage(MODEL) is not None


async def test_a_hung_replica() -> None:
    """What was in flight to a replica that hangs is answered by the other one, once it is noticed, and so is the rest.

    When it wakes up it gets calls again.
    """
    async with stack() as tritons:
        load = asyncio.create_task(tritons.outcomes(5.0))
        await asyncio.sleep(0.2)
        await tritons.links[0].set("frozen")
        assert set(await load) == {None}
        assert (tritons.breaker(0), tritons.breaker(1)) == (OPEN, CLOSED)
        assert set(await tritons.outcomes(0.3)) == {None}
        await tritons.links[0].set("open")
        await tritons.until(lambda: tritons.breaker(0) == CLOSED)


async def test_a_hung_triton_without_another() -> None:
    """Callers of a lone Triton that hangs hear of it long before their deadline, the next ones at once."""
    async with stack(1) as tritons:
        await tritons.links[0].set("frozen")
        async with asyncio.timeout(10):
            with pytest.raises(ModelUnavailableError):
                await tritons.ask(60)
        with pytest.raises(ModelUnavailableError, match="Triton does not answer") as refused:
            await asyncio.wait_for(tritons.ask(60), 0.5)
        assert refused.value.retry_after > 0
        assert tritons.channel.outage(MODEL) == "faq_matcher: Triton does not answer."
        await tritons.links[0].set("open")
        await tritons.until(lambda: tritons.channel.outage(MODEL) is None)
        await tritons.ask()


async def test_a_hung_triton_is_noticed_by_callers_in_a_hurry() -> None:
    """Though no call waits for long, a Triton that answers none of them is held to hang."""
    async with stack(1) as tritons:
        await tritons.links[0].set("frozen")
        async with asyncio.timeout(10):
            while tritons.channel.outage(MODEL) is None:
                await tritons.outcome(0.2)


async def test_slow_is_not_hung() -> None:
    """A Triton that computes for longer than a hung one is given is waited for."""
    async with stack(1) as tritons:
        tritons.tritons[0].delay = 4.0
        await tritons.ask(10)
        assert tritons.breaker(0) == CLOSED


async def test_callers_in_a_hurry_close_nothing() -> None:
    """Deadlines that no Triton can meet open no breaker: a client cannot shut the service for the others."""
    async with stack(1) as tritons:
        tritons.tritons[0].delay = 0.1
        for _ in range(20):
            assert await tritons.outcome(0.02) is DeadlineExceededError
        await tritons.ask()


@pytest.mark.parametrize("status", [grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNIMPLEMENTED])
async def test_refused_requests_close_nothing(status: grpc.StatusCode) -> None:
    """What Triton refuses is a fault of the request: it is not asked of another one, and opens no breaker."""
    async with stack() as tritons:
        for triton in tritons.tritons:
            triton.status = status
        assert set(await tritons.outcomes(0.3)) == {ModelFaultError}
        assert sum(each.retries for each in tritons.channel.replicas()) == 0
        assert (tritons.breaker(0), tritons.breaker(1)) == (CLOSED, CLOSED)


async def test_a_dead_backend_is_left_alone() -> None:
    """When one model's backend fails, it is asked rarely, and its callers hear at once; the other model goes on."""
    async with stack(1) as tritons:
        (triton,) = tritons.tritons
        triton.status = grpc.StatusCode.INTERNAL
        images = ImageClassifier(tritons.channel, "resnet152")
        for _ in range(100):
            assert await tritons.outcome() is ModelUnavailableError
            await asyncio.sleep(0.01)
        assert 3 <= len(triton.calls) <= 12
        assert "asked again in a moment" in str(tritons.channel.outage(MODEL))
        assert (await images.infer(noise(1), monotonic() + 5)).version == "1"
        assert tritons.channel.outage("resnet152") is None
        triton.status = None
        await tritons.until(lambda: tritons.channel.outage(MODEL) is None)


async def test_trials_cost_nobody_anything() -> None:
    """A replica whose backend is dead is tried again with copies: whoever asks is answered by the other one."""
    async with stack() as tritons:
        tritons.tritons[0].status = grpc.StatusCode.INTERNAL
        assert set(await tritons.outcomes(2.0)) == {None}
        failed = len(tritons.tritons[0].calls)
        assert 4 <= failed <= 12
        assert sum(each.retries for each in tritons.channel.replicas()) == 3
        tritons.tritons[0].status = None
        await tritons.until(lambda: tritons.breaker(0) == CLOSED)
        await tritons.until(lambda: len(tritons.tritons[0].calls) > failed + 10)


async def test_a_stuck_backend() -> None:
    """A backend that never answers, behind a server that lives, is left alone after some have waited in vain."""
    async with stack(1) as tritons:
        tritons.tritons[0].delay = 60
        outcomes = await asyncio.gather(*(tritons.outcome(2.2) for _ in range(2)))
        assert outcomes == [DeadlineExceededError, DeadlineExceededError]
        assert await asyncio.wait_for(tritons.outcome(60), 20) is ModelUnavailableError
        tritons.tritons[0].delay = 0
        await tritons.until(lambda: tritons.channel.outage(MODEL) is None)


async def test_abandoned_calls_to_a_stuck_backend() -> None:
    """Callers who leave after a long wait in vain count as well: most clients give up before their deadline."""
    async with stack(1) as tritons:
        tritons.tritons[0].delay = 60
        asked = [asyncio.create_task(tritons.ask(60)) for _ in range(2)]
        await asyncio.sleep(2.2)
        for each in asked:
            each.cancel()
        await asyncio.wait(asked)
        assert tritons.breaker(0) == OPEN


async def test_a_caller_that_leaves_is_cancelled_at_triton() -> None:
    """A cancelled call ends as cancelled, not as failed, and leaves nothing in flight."""
    async with stack() as tritons:
        for triton in tritons.tritons:
            triton.delay = 60
        asked = asyncio.create_task(tritons.ask(60))
        await asyncio.sleep(0.1)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert [each.in_flight for each in tritons.channel.replicas()] == [0, 0]
        assert sum(len(triton.calls) for triton in tritons.tritons) == 1


async def test_addresses_of_nobody() -> None:
    """Replicas that refuse connections, accept and say nothing, or talk nonsense cost no call while one is well."""
    async with linked("127.0.0.1:1") as refusing, linked("127.0.0.1:1") as silent, linked("127.0.0.1:1") as nonsense:
        await refusing.set("cut")
        await silent.set("frozen")
        await nonsense.set("garbage")
        async with stack(1, refusing.url, silent.url, nonsense.url, "nobody.invalid:8001") as tritons:
            assert set(await tritons.outcomes(3.0)) == {None}
            states = {each.address: each.breaker for each in tritons.channel.replicas()}
            assert states.pop(tritons.links[0].url) == CLOSED
            assert set(states.values()) == {OPEN}


async def test_nobody_at_all() -> None:
    """Where no address is any good, calls are refused in a second or so, and then at once."""
    async with linked("127.0.0.1:1") as silent, linked("127.0.0.1:1") as nonsense:
        await silent.set("frozen")
        await nonsense.set("garbage")
        async with stack(0, silent.url, nonsense.url) as tritons:
            assert await asyncio.wait_for(tritons.outcome(60), 10) is ModelUnavailableError
            await asyncio.sleep(1.5)
            for _ in range(20):
                assert await asyncio.wait_for(tritons.outcome(60), 0.5) is ModelUnavailableError


async def test_a_replica_that_comes_and_goes() -> None:
    """A replica whose connection breaks three times a second costs no call while another one is well."""
    async with stack() as tritons:

        async def flap() -> None:
            while True:
                await tritons.links[0].set("cut")
                await asyncio.sleep(0.15)
                await tritons.links[0].set("open")
                await asyncio.sleep(0.15)

        flapping = asyncio.create_task(flap())
        assert set(await tritons.outcomes(3.0)) == {None}
        flapping.cancel()


def question(text: str) -> bytes:
    """The bytes of a request."""
    request = service_pb2.ModelInferRequest(model_name=MODEL)
    request.inputs.add(name="question", datatype="BYTES", shape=(1, 1))
    request.raw_input_contents.append(len(text).to_bytes(4, "little") + text.encode())
    return bytes(request.SerializeToString())


@pytest.mark.parametrize("seed", range(2))
async def test_a_storm(seed: int) -> None:
    """Whatever befalls the replicas, each call ends in time with an answer or an error, and in the end all is well."""
    modes: tuple[Mode, ...] = ("open", "open", "cut", "frozen", "garbage")
    chance = random.Random(seed)
    async with stack(3) as tritons:
        load = asyncio.create_task(tritons.outcomes(6.0))
        while not load.done():
            await chance.choice(tritons.links).set(chance.choice(modes))
            chance.choice(tritons.tritons).status = chance.choice([None, None, grpc.StatusCode.INTERNAL])
            await asyncio.sleep(chance.uniform(0.0, 0.6))
        assert set(await load) <= {None, ModelUnavailableError, DeadlineExceededError}
        assert sum(each.in_flight for each in tritons.channel.replicas()) == 0
        for link, triton in zip(tritons.links, tritons.tritons, strict=True):
            await link.set("open")
            triton.status = None
        await tritons.until(lambda: all(tritons.breaker(number) == CLOSED for number in range(3)))
        assert set(await tritons.outcomes(0.5)) == {None}


class Names:
    """A name whose addresses change."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = frozenset(addresses)

    async def look_up(self, name: str, port: int) -> frozenset[str]:
        return self.addresses


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something."""
    async with asyncio.timeout(15):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.02)


@asynccontextmanager
async def replicas(names: Names) -> AsyncIterator[Replicas]:
    """The replicas of a name."""
    made = Replicas(Addresses(frozenset(), frozenset({("triton", 8001)})), look_up=names.look_up)
    yield made
    await made.close()


async def test_names_are_followed() -> None:
    """A name's new addresses are connected to, those that have left are not asked any more, but finish their calls."""
    slow = FakeTriton(delay=4.0)
    async with running_triton(slow), running_triton(FakeTriton()) as other:
        names = Names(slow.url)
        async with replicas(names) as found:
            await found.known(monotonic() + 5)
            first, _ = found.pick(MODEL)
            request = question("loop")
            asked = asyncio.create_task(first.infer(MODEL, request, monotonic() + 20, None))
            await until(lambda: len(slow.calls) == 1)
            names.addresses = frozenset({other.url})
            await until(lambda: [each.address for each in found] == [other.url])
            assert (await asked).model_version == "1"
            await found.pick(MODEL)[0].infer(MODEL, request, monotonic() + 5, None)


async def test_a_name_that_vanishes() -> None:
    """While a name cannot be looked up, its last addresses stay."""
    async with running_triton(FakeTriton()) as triton:
        names = Names(triton.url)
        async with replicas(names) as found:
            await found.known(monotonic() + 5)
            names.addresses = frozenset()
            await asyncio.sleep(3.5)
            assert [each.address for each in found] == [triton.url]


async def test_a_name_without_addresses() -> None:
    """While a name has never had an address, calls are refused at once; when it gets one, they are answered."""
    names = Names()
    async with replicas(names) as found:
        await asyncio.wait_for(found.known(monotonic() + 60), 20)
        with pytest.raises(ModelUnavailableError, match="cannot be reached"):
            found.pick(MODEL)
        async with running_triton(FakeTriton()) as triton:
            names.addresses = frozenset({triton.url})
            await until(lambda: [each.address for each in found] == [triton.url])
            found.pick(MODEL)


async def test_a_name_that_takes_long() -> None:
    """The first call waits for the first look-up, though not beyond its time."""
    looking = asyncio.Event()

    class Slow(Names):
        async def look_up(self, name: str, port: int) -> frozenset[str]:
            await looking.wait()
            return self.addresses

    async with replicas(Slow("127.0.0.1:1")) as found:
        await asyncio.wait_for(found.known(monotonic() + 0.1), 20)
        with pytest.raises(ModelUnavailableError):
            found.pick(MODEL)
        looking.set()
        await found.known(monotonic() + 5)
        assert found.pick(MODEL)[0].address == "127.0.0.1:1"


async def test_a_real_name() -> None:
    """`dns:///` finds all addresses of a name: here localhost's."""
    async with running_triton(FakeTriton()) as triton:
        port = triton.url.rpartition(":")[2]
        channel = TritonChannel(parse(f"dns:///localhost:{port}"))
        await FaqRanker(channel, MODEL).infer([b"loop"], monotonic() + 5)
        assert triton.url in [each.address for each in channel.replicas()]
        await channel.close()
