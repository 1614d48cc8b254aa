"""A constant load over both protocols, and what became of every request."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from time import monotonic
from typing import NamedTuple

import grpc
import httpx

from gateway.generated.scoring_pb2 import MatchFaqRequest
from gateway.generated.scoring_pb2_grpc import ScoringStub
from gateway.server import Addresses

_QUESTION = "how do I sort an array of numbers?"
_EVERY = 0.02  # seconds between two requests of each protocol
_HTTP_OF = {"OK": 200, "UNAVAILABLE": 503, "DEADLINE_EXCEEDED": 504}


class Outcome(NamedTuple):
    """When a request was sent (of `time.monotonic`), how long it took, and its HTTP status, gRPC's translated."""

    sent: float
    seconds: float
    status: int | str


class Load:
    """Requests that are sent by the clock, whatever becomes of those before them."""

    def __init__(self, addresses: Addresses) -> None:
        self.outcomes: list[Outcome] = []
        limits = httpx.Limits(max_connections=None)
        self._http = httpx.AsyncClient(base_url=f"http://{addresses.http}", trust_env=False, limits=limits, timeout=60)
        self._channel = grpc.aio.insecure_channel(addresses.grpc)
        self._stub = ScoringStub(self._channel)  # type: ignore[no-untyped-call]  # generated code has no types
        self._requests = set[asyncio.Task[None]]()
        self._clock = asyncio.create_task(self._send())

    def statuses(self, since: float = 0.0) -> Counter[int | str]:
        """Count the outcomes of requests that were sent since then."""
        return Counter(each.status for each in self.outcomes if each.sent >= since)

    def slowest(self) -> float:
        """Return the longest time that a request took."""
        return max(each.seconds for each in self.outcomes)

    async def until(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        """Wait for something, under load."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - there is no event to wait for
                await asyncio.sleep(0.01)

    async def answered(self, count: int = 50) -> float:
        """Wait until so many requests in a row, sent from now on, are answered; return when the first was sent."""
        since = monotonic()
        while True:
            later = sorted(each for each in self.outcomes if each.sent >= since)
            failed = [each.sent for each in later if each.status != 200]
            if failed:
                since = failed[-1] + 1e-6
            elif len(later) >= count:
                return later[0].sent
            await asyncio.sleep(0.01)

    async def end(self) -> None:
        """Send nothing more, and wait for the replies."""
        self._clock.cancel()
        await asyncio.gather(*self._requests)
        await self._http.aclose()
        await self._channel.close()

    async def _send(self) -> None:
        while True:
            for ask in (self._ask_http, self._ask_grpc):
                request = asyncio.create_task(self._noted(ask))
                self._requests.add(request)
                request.add_done_callback(self._requests.discard)
            await asyncio.sleep(_EVERY)

    async def _noted(self, ask: Callable[[], Coroutine[None, None, int | str]]) -> None:
        sent = monotonic()
        try:
            status = await ask()
        except Exception as error:  # noqa: BLE001 - a request without a reply is an outcome, too
            status = type(error).__name__
        self.outcomes.append(Outcome(sent, monotonic() - sent, status))

    async def _ask_http(self) -> int | str:
        reply = await self._http.post("/v1/faq/match", json={"question": _QUESTION, "top_k": 1})
        return reply.status_code

    async def _ask_grpc(self) -> int | str:
        try:
            await self._stub.MatchFaq(MatchFaqRequest(questions=[_QUESTION], top_k=1))
        except grpc.RpcError as error:
            name = error.code().name
            return _HTTP_OF.get(name, name)
        return 200


@asynccontextmanager
async def loaded(addresses: Addresses) -> AsyncIterator[Load]:
    """A load that is answered when the context begins, and has all its replies when it ends."""
    load = Load(addresses)
    try:
        await load.answered()
        yield load
    finally:
        await load.end()
