"""Which engine answers for a model: asked of Triton when another version answers, and as often as told to.

While a new version is rolled out, replicas differ, and several versions answer in turn.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic

from gateway.errors import DeadlineExceededError, ModelUnavailableError, ScoringError, internal_fault
from gateway.inference import Served
from gateway.triton.engine import Engine

_PATIENCE = 5.0  # seconds that Triton may take to say what its engine is
_MEMORY = 60.0  # seconds after its last answer for which a version still limits what goes into a call


@dataclass(slots=True)
class _Version:
    engine: Engine
    answered: float  # when it answered last, of `time.monotonic`


class ServedEngine:
    """Remembers the engines of the versions that answer.

    `ask` takes what is served, None for whatever Triton prefers, and a time (of `time.monotonic`); it raises
    ScoringError. `limit` is told how many inputs all of these engines take in one call. Whoever needs the same engine
    at the same time waits for the same look-up.
    """

    def __init__(self, ask: Callable[[Served | None, float], Awaitable[Engine]], limit: Callable[[int], None]) -> None:
        self._ask = ask
        self._limit = limit
        self._versions: dict[Served | None, _Version] = {}
        self._latest: Engine | None = None
        self._asking: dict[Served | None, asyncio.Task[None]] = {}

    @property
    def latest(self) -> Engine | None:
        """The engine that answered last; None while none is known."""
        return self._latest

    async def known(self, until: float) -> Engine:
        """Return the engine that answered last, or whichever Triton has. Raises ScoringError."""
        return self._latest or await self.renewed(None, until)

    async def of(self, served: Served, until: float) -> Engine:
        """Return the engine of the version that answers. Raises ScoringError."""
        found = self._versions.get(served)
        if found is None:
            return await self.renewed(served, until)
        found.answered = monotonic()
        self._latest = found.engine
        return found.engine

    async def renewed(self, served: Served | None, until: float) -> Engine:
        """Ask Triton for the engine that serves a version, whatever is known of it.

        Raises ScoringError if Triton does not say and no engine at all is known: an answer is not thrown away for the
        sake of its engine's name.
        """
        task = self._asking.get(served)
        if task is None:
            task = self._asking[served] = asyncio.create_task(self._learn(served))
            task.add_done_callback(lambda done: self._learned(served, done))
        await asyncio.wait((task,), timeout=until - monotonic())
        found = self._versions.get(served)
        engine = found.engine if found else self._latest
        if engine is None:
            raise _failure(task)
        self._latest = engine
        return engine

    async def _learn(self, served: Served | None) -> None:
        engine = await self._ask(served, monotonic() + _PATIENCE)
        now = monotonic()
        self._versions[served] = _Version(engine, now)
        if served is not None:
            self._versions.pop(None, None)
        for each in [name for name, known in self._versions.items() if now - known.answered > _MEMORY]:
            del self._versions[each]
        sizes = [known.engine.max_batch_size for known in self._versions.values() if known.engine.max_batch_size]
        self._limit(min(sizes, default=0))

    def _learned(self, served: Served | None, task: asyncio.Task[None]) -> None:
        del self._asking[served]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception) and not isinstance(error, ScoringError):
            internal_fault(error, "a look-up of an engine")


def _failure(task: asyncio.Task[None]) -> ScoringError:
    if not task.done():
        return DeadlineExceededError("Triton did not say in time what runs the model.")
    error = None if task.cancelled() else task.exception()
    if isinstance(error, ScoringError):
        return error
    return ModelUnavailableError("Triton did not say what runs the model.")
