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
        self._calls = set[Any]()
        self._given_up = set[Any]()
        self._waiting_since = inf

    def __len__(self) -> int:
        return len(self._calls)

    def silence(self, now: float) -> float:
        """Return for how many seconds calls have been waiting without a sign of life, be it one after the other."""
        return max(now - self._waiting_since, 0.0)

    def heard(self, now: float) -> None:
        """Note a sign of life."""
        self._waiting_since = now if self._calls else inf

    async def result(self, call: Any, started: float) -> Any:
        """Return the reply. Raises CallFailedError."""
        self._calls.add(call)
        self._waiting_since = min(self._waiting_since, started)
        lives = False
        try:
            reply = await call
            lives = True
        except grpc.RpcError as error:
            lives = from_triton(error.code())
            raise CallFailedError(error.code()) from None
        except asyncio.CancelledError:
            if call in self._given_up and not _is_cancelled():
                raise CallFailedError(_CODE.UNAVAILABLE) from None
            raise
        finally:
            self._calls.discard(call)
            self._given_up.discard(call)
            if lives:
                self.heard(monotonic())
        return reply

    def give_up(self) -> None:
        """End all calls as if the connection had broken."""
        self._given_up.update(self._calls)
        for call in list(self._calls):
            call.cancel()


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
