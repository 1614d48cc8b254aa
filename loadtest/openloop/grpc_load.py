"""An open-loop gRPC driver over `grpc.aio`, in a process of its own; statuses as HTTP writes them."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any, NamedTuple, Self

import grpc

from loadtest import trust
from loadtest.grpc_driver import OPTIONS
from loadtest.openloop import pace
from loadtest.openloop.driver_process import Stopped
from loadtest.openloop.outcome import CLOSED, LATE, OK, Outcome
from loadtest.openloop.pace import Pace
from loadtest.openloop.schedule import Seconds, share

# Channels with the same target would share one connection.
_OPTIONS = [*OPTIONS, ("grpc.use_local_subchannel_pool", 1)]
# Which HTTP status the gateway gives in the same case; UNAVAILABLE is also what the library says without a reply.
STATUS = {
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
    grpc.StatusCode.INTERNAL: 500,
}


class GrpcLoad(NamedTuple):
    """Messages that are sent to a method in turn, when they are due, with `metadata`.

    A call has `deadline` seconds, as the service gets told; `patience` is how long its reply is awaited. Calls take
    turns on `channels` connections: a server of several processes serves each in one of them; with `tls` encrypted.
    """

    address: str
    method: str
    messages: Sequence[bytes]
    due: Seconds
    deadline: float = 5.0
    patience: float = 10.0
    metadata: Sequence[tuple[str, str]] = ()
    channels: int = 1
    tls: bool = False

    def part(self, place: int, processes: int) -> Self:
        """Return what the process `place` of several has to send."""
        return self._replace(messages=share(self.messages, place, processes), due=self.due[place::processes])


def run(load: GrpcLoad, start: float, stopped: Stopped) -> Outcome:
    """Send the load in this process, which has nothing else to do."""
    return pace.run(_run(load, Pace(load.due, start, stopped)))


async def _run(load: GrpcLoad, pace: Pace) -> Outcome:
    async with AsyncExitStack() as stack:
        channels = [_channel(load) for _ in range(load.channels)]
        for channel in channels:
            await stack.enter_async_context(channel)
            channel.get_state(try_to_connect=True)
        calls = _Calls(load, channels, pace)
        return await pace.run(send=calls.send, look=lambda: None)


def _channel(load: GrpcLoad) -> grpc.aio.Channel:
    if load.tls:
        return grpc.aio.secure_channel(load.address, trust.channel_credentials(), options=_OPTIONS)
    return grpc.aio.insecure_channel(load.address, options=_OPTIONS)


class _Calls:
    """Calls under way."""

    def __init__(self, load: GrpcLoad, channels: Sequence[grpc.aio.Channel], pace: Pace) -> None:
        self._load = load
        # Without serialisers: bytes in, bytes out.
        self._methods: list[Any] = [channel.unary_unary(load.method) for channel in channels]
        self._pace = pace
        self._tasks: set[asyncio.Task[None]] = set()  # the loop itself would forget them

    def send(self, number: int) -> bool:
        task = asyncio.create_task(self._ask(number))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _ask(self, number: int) -> None:
        load = self._load
        message, method = load.messages[number % len(load.messages)], self._methods[number % len(self._methods)]
        status, timing = OK, None
        try:
            async with asyncio.timeout(load.patience):
                call = method(message, timeout=load.deadline, metadata=load.metadata)
                await call
                timing = (await call.trailing_metadata()).get("server-timing")
        except grpc.RpcError as error:
            status = STATUS.get(error.code(), CLOSED)
        except TimeoutError:
            status = LATE
        self._pace.end(number, status, timing and timing.encode())
