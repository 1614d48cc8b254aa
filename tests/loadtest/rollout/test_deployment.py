"""The controller of a Deployment: what becomes of its pods, and of its endpoints meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from time import perf_counter

from loadtest.rollout.deployment import Deployment, Overrides
from loadtest.rollout.endpoints import Endpoints
from loadtest.rollout.pod import Pod
from loadtest.rollout.timeline import Timeline
from tests.loadtest.rollout.pods import pod, timings


class Watched(list[frozenset[str]]):
    """All sets of endpoints that were told."""

    @property
    def sizes(self) -> set[int]:
        """How many endpoints there were at a time, since the first two."""
        sizes = [len(each) for each in self]
        return set(sizes[sizes.index(2) :])


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[tuple[Deployment, Watched]]:
    """A Deployment of two pods that are available."""
    timeline, told, numbers = Timeline(perf_counter), Watched(), count(1)

    def make(name: str, overrides: Overrides) -> Pod:
        return pod(name, f"127.83.2.{next(numbers)}", folder, timeline, timings(min_ready=0.2), *overrides.values())

    deployment = Deployment("web", 2, timings(min_ready=0.2), make, Endpoints(told.append, 0.0), timeline)
    controlling = asyncio.create_task(deployment.run())
    try:
        async with asyncio.timeout(20):
            await deployment.settled()
            yield deployment, told
    finally:
        controlling.cancel()
        with suppress(asyncio.CancelledError):
            await controlling
        await deployment.close()


async def test_rolling_update(tmp_path: Path) -> None:
    """With maxSurge 1 and maxUnavailable 0 there are never fewer endpoints than wanted, and one more at times."""
    async with running(tmp_path) as (deployment, told):
        before = set(deployment.pods)
        deployment.roll_out({"SETTING": "new"})
        await deployment.settled()
        assert before.isdisjoint(deployment.pods)
        assert told.sizes == {2, 3}


async def test_scaling(tmp_path: Path) -> None:
    """Pods are added at once, and taken away, without those that stay being touched."""
    async with running(tmp_path) as (deployment, _):
        before = set(deployment.pods)
        deployment.replicas = 3
        await deployment.settled()
        assert before < set(deployment.pods)
        deployment.replicas = 1
        await deployment.settled()
        assert set(deployment.pods) < before


async def test_evicted_pod_is_replaced(tmp_path: Path) -> None:
    """Without waiting for its end."""
    async with running(tmp_path) as (deployment, told):
        evicted, stays = deployment.pods
        evicted.delete()
        await deployment.settled()
        assert evicted not in deployment.pods
        assert stays in deployment.pods
        assert told.sizes == {1, 2}
