"""What is done to a cluster under load."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import NamedTuple

from loadtest.rollout.releases import push
from loadtest.rollout.stage import Stage
from loadtest.rollout.triton_metrics import answered
from loadtest.rollout.workload import Timings, Workloads

_POLL = 0.2  # seconds
_START = 6.0  # seconds that a pod takes to be ready, more or less
_WINDOW = 8.0  # seconds in which answers are counted
_MANY = 3  # Tritons to scale to

Shares = Mapping[str, float]  # by Triton
_NONE: Shares = {}


async def update_gateways(stage: Stage) -> Shares:
    """Change a setting of the gateways."""
    gateways = stage.cluster.gateways
    gateways.roll_out({"SCORING_MAX_QUESTIONS": "99"})
    await gateways.settled()
    return _NONE


async def roll_out_model(stage: Stage) -> Shares:
    """Push the second version, let the gateways learn of it, then pin the Tritons to its release."""
    release = await push(stage.repository, stage.store)
    until = monotonic() + stage.patience
    while not stage.cluster.gateways_know(stage.version + 1) and monotonic() < until:  # noqa: ASYNC110 - files
        await asyncio.sleep(_POLL)
    return await _pin(stage, release)


async def roll_back_model(stage: Stage) -> Shares:
    """Pin the Tritons to the first release again."""
    return await _pin(stage, stage.release)


async def drain_node(stage: Stage) -> Shares:
    """Evict a gateway and a Triton at the same time."""
    both = (stage.cluster.gateways, stage.cluster.tritons)
    for each in both:
        each.pods[0].delete()
    await asyncio.gather(*(each.settled() for each in both))
    return _NONE


async def scale_tritons(stage: Stage) -> Shares:
    """Scale to one Triton, then to three, and see how the load spreads once everyone has heard of them."""
    tritons = stage.cluster.tritons
    for replicas in (1, _MANY):
        tritons.replicas = replicas
        await tritons.settled()
    await asyncio.sleep(stage.heard)
    port = stage.workloads.triton.port("metrics")
    before = [await answered(pod.address, port) for pod in tritons.pods]
    await asyncio.sleep(_WINDOW)
    counts = [await answered(pod.address, port) - old for pod, old in zip(tritons.pods, before, strict=True)]
    return {pod.name: round(count / max(sum(counts), 1), 3) for pod, count in zip(tritons.pods, counts, strict=True)}


async def _pin(stage: Stage, release: str) -> Shares:
    tritons = stage.cluster.tritons
    tritons.roll_out({"MODELS_RELEASE": release})
    await tritons.settled()
    return _NONE


def _update(timings: Timings, replicas: int = 2) -> float:
    return replicas * (_START + timings.min_ready) + timings.pre_stop


class Act(NamedTuple):
    """A scene that can be played, and about how many seconds it takes by the manifests' timings."""

    name: str
    play: Callable[[Stage], Awaitable[Shares]]
    seconds: Callable[[Workloads], float]


ACTS = {
    "gateways": Act("gateways updated", update_gateways, lambda each: _update(each.gateway.timings) + 15),
    "model": Act("model rolled out", roll_out_model, lambda each: _update(each.triton.timings) + 15),
    "roll-back": Act("model rolled back", roll_back_model, lambda each: _update(each.triton.timings)),
    "drain": Act("node drained", drain_node, lambda each: _update(each.triton.timings, 1) + 15),
    "scale": Act("scaled to 1, then 3 Tritons", scale_tritons, lambda each: _update(each.triton.timings) + 40),
}
QUICK = ("gateways", "model")
