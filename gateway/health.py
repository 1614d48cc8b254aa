"""gRPC health (grpc.health.v1): follows readiness, for probes and for balancers that watch.

The whole is known by the services' names and by none, each model by its own name.
"""

import asyncio
from collections.abc import Set as AbstractSet

from grpc_health.v1.health import aio as health_aio
from grpc_health.v1.health_pb2 import HealthCheckResponse

from gateway.readiness import Readiness

_PERIOD = 1.0  # seconds between two looks at readiness


class Health:
    """Keeps the health service's answers up to date while it runs."""

    def __init__(self, readiness: Readiness, services: tuple[str, ...]) -> None:
        self.servicer = health_aio.HealthServicer()
        self._readiness = readiness
        self._services = ("", *services)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Say that nothing is ready yet, and begin to look."""
        await self._set(frozenset())
        self._task = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Say for the last time, and to everyone who watches, that the service is going."""
        if self._task is not None:
            self._task.cancel()
        await self.servicer.enter_graceful_shutdown()

    async def _follow(self) -> None:
        while True:
            states = await self._readiness.states()
            await self._set({each.model for each in states if each.state == "ready"})
            await asyncio.sleep(_PERIOD)

    async def _set(self, ready: AbstractSet[str]) -> None:
        for service in self._services:  # like /readyz: one model that answers is enough
            await self.servicer.set(service, _status(bool(ready)))
        for model in self._readiness.models:
            await self.servicer.set(model, _status(model in ready))


def _status(ready: bool) -> HealthCheckResponse.ServingStatus:  # noqa: FBT001 - the one thing that it depends on
    return HealthCheckResponse.SERVING if ready else HealthCheckResponse.NOT_SERVING
