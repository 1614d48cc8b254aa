"""The place of one worker: there is always a process in it, unless it has just failed or the run ends."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from time import monotonic

from gateway.worker_handle import WorkerHandle

_log = logging.getLogger(__name__)

_LOOK = 0.2  # seconds between two looks at a worker
_SLOWEST_START = 120.0  # seconds
_LONGEST_SILENCE = 30.0  # seconds that an event loop may stand still
_FIRST_PAUSE = 0.1  # seconds before a worker is started again; twice as many after each further failure
_LONGEST_PAUSE = 30.0
_HEALTHY = 60.0  # seconds of life after which a failure counts as the first again


def pause(failures: int) -> float:
    """Return the seconds to wait after so many failures in a row."""
    return float(min(_FIRST_PAUSE * 2 ** (failures - 1), _LONGEST_PAUSE))


class Orders:
    """What all workers of a run have been told."""

    def __init__(self) -> None:
        self.signal = 0  # the one that ends the run, 0 before it came
        self.patience = 0.0  # seconds in which they must end
        self.exit_code = 0  # of the run, where it is not the workers'
        self.stopping = asyncio.Event()

    def stop(self, number: int, patience: float) -> None:
        """End the run."""
        self.signal, self.patience = number, patience
        self.stopping.set()


class WorkerSlot:
    """Starts a worker, watches it, and starts the next one when it ends or hangs."""

    def __init__(self, number: int, start: Callable[[int], Awaitable[WorkerHandle]], orders: Orders) -> None:
        self.ready = asyncio.Event()  # a worker of this slot has served
        self._number = number
        self._start = start
        self._orders = orders
        self._handle: WorkerHandle | None = None
        self._failures = 0

    async def keep(self, *, vital: bool = False) -> int:
        """Return the last worker's exit code when the run ends, or when a vital worker never got ready."""
        while True:
            began = monotonic()
            try:
                self._handle = await self._start(self._number)
            except OSError as error:  # no memory, no process left
                end, code = f"cannot be started: {error.strerror}", 1
            else:
                self.obey()
                code = await self._end(self._handle)
                end = f"ended with signal {-code}" if code < 0 else f"ended with exit code {code}"
            if self._orders.signal:
                return code if self._handle and self._handle.ready.is_set() else 0
            if vital and not self.ready.is_set():
                return code
            if await self._pause(end, monotonic() - began):
                return 0

    async def came_up(self, keeping: "asyncio.Task[int]") -> bool:
        """Wait until a worker serves, or `keeping` it has ended without."""
        waiting = asyncio.create_task(self.ready.wait())
        await asyncio.wait({waiting, keeping}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        return self.ready.is_set()

    def obey(self) -> None:
        """Pass on to the worker what has been ordered."""
        if self._handle and self._orders.signal:
            if self._orders.patience and self._handle.ready.is_set():
                self._handle.send(self._orders.signal)
            else:  # or it holds no request yet, and may be in the middle of its imports
                self._handle.kill()

    async def _end(self, handle: WorkerHandle) -> int:
        """Return the exit code of a worker, which is killed when it hangs."""
        ended = asyncio.create_task(handle.wait())
        told = 0.0
        while not ended.done():
            await asyncio.wait({ended}, timeout=_LOOK)
            if handle.ready.is_set():
                self.ready.set()
            if self._orders.signal:
                told = told or monotonic()
            limit = _LONGEST_SILENCE if handle.ready.is_set() else _SLOWEST_START
            if handle.silence() > limit or (told and monotonic() - told > self._orders.patience):
                _log.error("worker %d does not answer any more; it is killed", self._number)
                handle.kill()
        return ended.result()

    async def _pause(self, end: str, lived: float) -> bool:
        """Wait before the next start; return whether the run ended meanwhile."""
        self._failures = 1 if lived > _HEALTHY else self._failures + 1
        seconds = pause(self._failures)
        _log.warning("worker %d %s; it is started again in %.1f s", self._number, end, seconds)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._orders.stopping.wait(), seconds)
        return self._orders.stopping.is_set()
