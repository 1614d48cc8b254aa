"""Which engine answers for a model: asked of Triton when another version answers, and as often as told to."""

from collections.abc import Awaitable, Callable

from gateway.triton.engine import Engine

_ANY = ""  # Triton's name for the version that it prefers


class ServedEngine:
    """Remembers the engine of the version that answered last.

    `ask` takes a version and a time (of `time.monotonic`) and raises ScoringError; `limit` is told how many inputs the
    engine takes in one call.
    """

    def __init__(self, ask: Callable[[str, float], Awaitable[Engine]], limit: Callable[[int], None]) -> None:
        self._ask = ask
        self._limit = limit
        self._version = _ANY
        self._engine: Engine | None = None

    async def known(self, until: float) -> Engine:
        """Return the engine that answered last, or whichever Triton has. Raises ScoringError."""
        return self._engine or await self.renewed(_ANY, until)

    async def of(self, version: str, until: float) -> Engine:
        """Return the engine of the version that answers. Raises ScoringError."""
        if self._engine is not None and version == self._version:
            return self._engine
        return await self.renewed(version, until)

    async def renewed(self, version: str, until: float) -> Engine:
        """Ask Triton for the engine of a version, whatever is known of it. Raises ScoringError."""
        self._engine = await self._ask(version, until)
        self._version = version
        self._limit(self._engine.max_batch_size)
        return self._engine
