"""What is done to a cluster under load."""

import asyncio
from collections.abc import Awaitable, Callable
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


async def update_gateways(stage: Stage) -> None:
    """Change a setting of the gateways."""
    gateways = stage.cluster.gateways
    gateways.roll_out({"SCORING_MAX_QUESTIONS": "99"})
    await gateways.settled()


async def roll_out_model(stage: Stage) -> None:
    """Push the second version, let the gateways learn of it, then pin the Tritons to its release."""
    release = await push(stage.repository, stage.store)
    until = monotonic() + stage.patience
    while not stage.cluster.gateways_know(stage.version + 1) and monotonic() < until:  # noqa: ASYNC110 - files
        await asyncio.sleep(_POLL)
    await _pin(stage, release)


async def roll_back_model(stage: Stage) -> None:
    """Pin the Tritons to the first release again."""
    await _pin(stage, stage.release)


async def drain_node(stage: Stage) -> None:
    """Evict a gateway and a Triton at the same time."""
    both = (stage.cluster.gateways, stage.cluster.tritons)
    for each in both:
        each.pods[0].delete()
    await asyncio.gather(*(each.settled() for each in both))


async def scale_tritons(stage: Stage) -> None:
    """Scale to one Triton, then to three."""
    tritons = stage.cluster.tritons
    for replicas in (1, _MANY):
        tritons.replicas = replicas
        await tritons.settled()


async def shares(stage: Stage) -> dict[str, float]:
    """Return which share of the answers each Triton gives, by the names of their pods. Raises LoadTestError."""
    pods, port = stage.cluster.tritons.pods, stage.workloads.triton.port("metrics")
    before = [await answered(pod.address, port) for pod in pods]
    await asyncio.sleep(_WINDOW)
    counts = [await answered(pod.address, port) - old for pod, old in zip(pods, before, strict=True)]
    return {pod.name: round(count / max(sum(counts), 1), 3) for pod, count in zip(pods, counts, strict=True)}


async def _pin(stage: Stage, release: str) -> None:
    tritons = stage.cluster.tritons
    tritons.roll_out({"MODELS_RELEASE": release})
    await tritons.settled()


def _update(timings: Timings, replicas: int = 2) -> float:
    return replicas * (_START + timings.min_ready) + timings.pre_stop


class Act(NamedTuple):
    """A scene that can be played, and about how many seconds it takes by the manifests' timings.

    `measure` is what is measured once everyone has heard of the change.
    """

    name: str
    play: Callable[[Stage], Awaitable[None]]
    seconds: Callable[[Workloads], float]
    changes_tritons: bool = True
    measure: Callable[[Stage], Awaitable[dict[str, float]]] | None = None


ACTS = {
    "gateways": Act(
        "gateways updated", update_gateways, lambda each: _update(each.gateway.timings) + 15, changes_tritons=False
    ),
    "model": Act("model rolled out", roll_out_model, lambda each: _update(each.triton.timings) + 15),
    "roll-back": Act("model rolled back", roll_back_model, lambda each: _update(each.triton.timings)),
    "drain": Act("node drained", drain_node, lambda each: _update(each.triton.timings, 1) + 15),
    "scale": Act(
        "scaled to 1, then 3 Tritons",
        scale_tritons,
        lambda each: _update(each.triton.timings) + _WINDOW,
        measure=shares,
    ),
}
QUICK = ("gateways", "model")
