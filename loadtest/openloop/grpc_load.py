"""An open-loop gRPC driver over `grpc.aio`, for low rates: one connection, statuses as HTTP writes them."""

import asyncio
from collections.abc import Sequence
from time import perf_counter, process_time
from typing import Any, NamedTuple, Self

import grpc
import numpy as np
import uvloop

from loadtest.grpc_driver import OPTIONS
from loadtest.openloop.driver_process import Stopped
from loadtest.openloop.outcome import CLOSED, LATE, OK, Outcome
from loadtest.openloop.schedule import Seconds, share

# Which HTTP status the gateway gives in the same case; UNAVAILABLE is also what the library says without a reply.
_STATUS = {
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
    grpc.StatusCode.INTERNAL: 500,
}


class GrpcLoad(NamedTuple):
    """Messages that are sent to a method in turn, when they are due, with `metadata`.

    A call has `deadline` seconds, as the service gets told; `patience` is how long its reply is awaited.
    """

    address: str
    method: str
    messages: Sequence[bytes]
    due: Seconds
    deadline: float = 5.0
    patience: float = 10.0
    metadata: Sequence[tuple[str, str]] = ()

    def part(self, place: int, processes: int) -> Self:
        """Return what the process `place` of several has to send."""
        return self._replace(messages=share(self.messages, place, processes), due=self.due[place::processes])


def run(load: GrpcLoad, start: float, stopped: Stopped) -> Outcome:
    """Send the load in this process, which has nothing else to do, from `start` (of `time.perf_counter`) on."""
    return uvloop.run(_run(load, start, stopped))


async def _run(load: GrpcLoad, start: float, stopped: Stopped) -> Outcome:
    async with grpc.aio.insecure_channel(load.address, options=OPTIONS) as channel:
        call: Any = channel.unary_unary(load.method)  # without serialisers: bytes in, bytes out
        await asyncio.sleep(start - perf_counter())
        used = process_time()
        calls = []
        for place, due in enumerate(load.due.tolist()):
            await asyncio.sleep(start + due - perf_counter())
            if stopped():
                break
            calls.append(asyncio.create_task(_ask(call, load, place, start + due)))
        rows = await asyncio.gather(*calls)
    busy = (process_time() - used) / (perf_counter() - start)
    lag, latency, status = np.array(rows).reshape(-1, 3).T
    nobody = np.zeros(len(rows), np.bool_)  # calls share one connection
    return Outcome(load.due[: len(rows)], lag, latency, status.astype(np.int16), nobody, busy)


async def _ask(call: Any, load: GrpcLoad, place: int, due: float) -> tuple[float, float, int]:
    lag = perf_counter() - due
    status = OK
    try:
        async with asyncio.timeout(load.patience):
            await call(load.messages[place % len(load.messages)], timeout=load.deadline, metadata=load.metadata)
    except grpc.RpcError as error:
        status = _STATUS.get(error.code(), CLOSED)
    except TimeoutError:
        status = LATE
    return lag, perf_counter() - due, status
