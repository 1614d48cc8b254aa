"""Whether a Triton that is connected hangs: it is asked once it has been silent for a while.

A server that computes, however long, answers that at once; one that is stopped, or whose machine is lost, does not.
"""

from time import monotonic
from typing import Any

import grpc
from tritonclient.grpc import service_pb2

from gateway.triton.in_flight import CallsInFlight, from_triton

_SILENCE = 1.0  # seconds without an answer, though there were calls, after which it is asked
_PATIENCE = 0.5  # seconds that it may take; 0.3 were measured on cores that had three times too much to do
_ATTEMPTS = 3  # in vain, before it is held to hang: one may be this process' own fault, when it was held up itself


class Liveness:
    """What is known of one Triton's life."""

    def __init__(self, stub: Any, in_flight: CallsInFlight) -> None:
        self.hangs = False
        self._stub = stub
        self._in_flight = in_flight

    async def check(self) -> None:
        """Ask for a sign of life if there is reason to; give its calls up if there is none."""
        if self.hangs:
            self.hangs = await self._ask() is not True
        elif self._in_flight.silence(monotonic()) >= _SILENCE and await self._is_dead():
            self.hangs = True
            self._in_flight.give_up()

    async def _is_dead(self) -> bool:
        for _ in range(_ATTEMPTS):
            if await self._ask() is not False:
                return False
        return self._in_flight.silence(monotonic()) >= _SILENCE  # a call may have been answered meanwhile

    async def _ask(self) -> bool | None:
        """Ask the server, not a model, whether it lives; None if it cannot be asked."""
        try:
            await self._stub.ServerLive(service_pb2.ServerLiveRequest(), timeout=_PATIENCE)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
                return False
            lives = from_triton(error.code()) or None
        else:
            lives = True
        self._in_flight.heard(monotonic())  # who cannot be asked is not silent either
        return lives
