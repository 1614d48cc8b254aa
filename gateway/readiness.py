"""Readiness: one golden question a second at most, however many probes ask."""

import asyncio
from time import monotonic

from gateway.errors import NotReadyError
from gateway.service import ScoringService

_FRESH = 1.0  # seconds that an answer stays valid


class Readiness:
    """Remembers for a second whether the service answers its golden question."""

    def __init__(self, service: ScoringService, timeout: float) -> None:
        self._service = service
        self._timeout = timeout
        self._proof: asyncio.Task[None] | None = None
        self._started = 0.0

    async def check(self) -> None:
        """Return if the service is ready. Raises NotReadyError with the reason if it is not."""
        if self._proof is None or (self._proof.done() and monotonic() - self._started > _FRESH):
            self._proof = asyncio.create_task(self._service.prove(self._timeout))
            self._started = monotonic()
        await asyncio.shield(self._proof)  # a probe that gives up does not spoil the answer for the others

    async def ready(self) -> bool:
        """Tell whether the service is ready."""
        try:
            await self.check()
        except NotReadyError:
            return False
        return True
