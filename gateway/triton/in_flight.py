"""The calls to one Triton that are not answered yet, and how each ends."""

import asyncio
from math import inf
from time import monotonic
from typing import Any

import grpc

_CODE = grpc.StatusCode
_OURS = {_CODE.UNAVAILABLE, _CODE.DEADLINE_EXCEEDED, _CODE.CANCELLED}  # statuses that gRPC may have given on this side


class CallFailedError(Exception):
    """A call ended with a status other than OK."""

    def __init__(self, status: grpc.StatusCode) -> None:
        super().__init__(status.name)
        self.status = status


def from_triton(status: grpc.StatusCode) -> bool:
    """Tell whether a status has certainly come from the other side."""
    return status not in _OURS


class CallsInFlight:
    """Waits for calls, knows when one was last answered, and can give all of them up."""

    def __init__(self) -> None:
        self.heard = -inf  # when Triton last gave a sign of life, of `time.monotonic`
        self._begun: dict[Any, float] = {}  # oldest first
        self._given_up = set[Any]()

    def __len__(self) -> int:
        return len(self._begun)

    def silence(self, now: float) -> float:
        """Return for how many seconds calls have waited and nothing was heard."""
        oldest = next(iter(self._begun.values()), now)
        return now - max(oldest, self.heard)

    async def result(self, call: Any, started: float) -> Any:
        """Return the reply. Raises CallFailedError."""
        self._begun[call] = started
        try:
            reply = await call
        except grpc.RpcError as error:
            status = error.code()
            if from_triton(status):
                self.heard = monotonic()
            raise CallFailedError(status) from None
        except asyncio.CancelledError:
            if call in self._given_up and not _is_cancelled():
                raise CallFailedError(_CODE.UNAVAILABLE) from None
            raise
        finally:
            del self._begun[call]
            self._given_up.discard(call)
        self.heard = monotonic()
        return reply

    def give_up(self) -> None:
        """End all calls as if the connection had broken."""
        self._given_up.update(self._begun)
        for call in list(self._begun):
            call.cancel()


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
