"""Whether a Triton that is connected hangs: it is asked once it has been silent for a while.

A server that computes, however long, answers that at once; one that is stopped, or whose machine is lost, does not.
"""

from time import monotonic
from typing import Any

import grpc
from tritonclient.grpc import service_pb2

from gateway.triton.in_flight import CallsInFlight, from_triton

_SILENCE = 1.0  # seconds without an answer, with calls in flight, after which it is asked
_PATIENCE = 1.0  # seconds that it may take to say that it lives
_MISSES = 2  # so often in vain before it is held to hang: once may be this process' own fault, when it was held up


class Liveness:
    """What is known of one Triton's life."""

    def __init__(self, stub: Any, in_flight: CallsInFlight) -> None:
        self.hangs = False
        self._stub = stub
        self._in_flight = in_flight
        self._misses = 0

    async def check(self) -> None:
        """Ask for a sign of life if there is reason to; give its calls up if there is none."""
        if not self.hangs and self._in_flight.silence(monotonic()) < _SILENCE:
            self._misses = 0
            return
        lives = await self._ask()
        if lives:
            self.hangs = False
            self._misses = 0
        elif lives is False:
            self._misses += 1
            if self._misses >= _MISSES and not self.hangs:
                self.hangs = True
                self._in_flight.give_up()

    async def _ask(self) -> bool | None:
        """Ask the server, not a model; None if it cannot be asked."""
        try:
            await self._stub.ServerLive(service_pb2.ServerLiveRequest(), timeout=_PATIENCE)
        except grpc.RpcError as error:
            status = error.code()
            return False if status is grpc.StatusCode.DEADLINE_EXCEEDED else from_triton(status) or None
        return True
