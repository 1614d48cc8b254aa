"""Which engine answers for a model: asked of Triton when another version answers, and as often as told to.

While a new version is rolled out, replicas differ, and several versions answer in turn.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic

from gateway.errors import DeadlineExceededError, ModelUnavailableError, ScoringError, internal_fault
from gateway.triton.engine import Engine

_ANY = ""  # Triton's name for the version that it prefers

_PATIENCE = 5.0  # seconds that Triton may take to say what its engine is
_MEMORY = 60.0  # seconds after its last answer for which a version still limits what goes into a call


@dataclass(slots=True)
class _Version:
    engine: Engine
    answered: float  # when it answered last, of `time.monotonic`


class ServedEngine:
    """Remembers the engines of the versions that answer.

    `ask` takes a version and a time (of `time.monotonic`) and raises ScoringError; `limit` is told how many inputs all
    of these engines take in one call. Whoever needs the same engine at the same time waits for the same look-up.
    """

    def __init__(self, ask: Callable[[str, float], Awaitable[Engine]], limit: Callable[[int], None]) -> None:
        self._ask = ask
        self._limit = limit
        self._versions: dict[str, _Version] = {}
        self._latest: Engine | None = None
        self._asking: dict[str, asyncio.Task[None]] = {}

    @property
    def latest(self) -> Engine | None:
        """The engine that answered last; None while none is known."""
        return self._latest

    async def known(self, until: float) -> Engine:
        """Return the engine that answered last, or whichever Triton has. Raises ScoringError."""
        return self._latest or await self.renewed(_ANY, until)

    async def of(self, version: str, until: float) -> Engine:
        """Return the engine of the version that answers. Raises ScoringError."""
        found = self._versions.get(version)
        if found is None:
            return await self.renewed(version, until)
        found.answered = monotonic()
        self._latest = found.engine
        return found.engine

    async def renewed(self, version: str, until: float) -> Engine:
        """Ask Triton for the engine of a version, whatever is known of it.

        Raises ScoringError if Triton does not say and no engine at all is known: an answer is not thrown away for the
        sake of its engine's name.
        """
        task = self._asking.get(version)
        if task is None:
            task = self._asking[version] = asyncio.create_task(self._learn(version))
            task.add_done_callback(lambda done: self._learned(version, done))
        await asyncio.wait((task,), timeout=until - monotonic())
        found = self._versions.get(version)
        engine = found.engine if found else self._latest
        if engine is None:
            raise _failure(task)
        self._latest = engine
        return engine

    async def _learn(self, version: str) -> None:
        engine = await self._ask(version, monotonic() + _PATIENCE)
        now = monotonic()
        self._versions[version] = _Version(engine, now)
        if version != _ANY:
            self._versions.pop(_ANY, None)
        for each in [name for name, known in self._versions.items() if now - known.answered > _MEMORY]:
            del self._versions[each]
        sizes = [known.engine.max_batch_size for known in self._versions.values() if known.engine.max_batch_size]
        self._limit(min(sizes, default=0))

    def _learned(self, version: str, task: asyncio.Task[None]) -> None:
        del self._asking[version]
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
