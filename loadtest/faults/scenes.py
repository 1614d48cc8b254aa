"""Each scene: a deployment, its load, and what is done to it."""

import time
from collections.abc import Sequence
from pathlib import Path

from loadtest.bench import OnStep
from loadtest.command_line import shown
from loadtest.faq import plan as faq
from loadtest.faults.balancers import Balancer, balanced
from loadtest.faults.deployment import Deployment, deployed
from loadtest.faults.faults import Fault
from loadtest.faults.load import Stream, UnderLoad, grpc_questions, pictures, questions, under_load
from loadtest.faults.report import Scene, Struck, scene
from loadtest.images import plan as images
from loadtest.parts import Part
from loadtest.stack import Stack

CALM = 8.0  # seconds of load before each fault, in which p50 is what it should be
WATCH = 20.0  # seconds of load after it
AFTER_RESTART = 2.0
# Per second; together about a third of what two cores do.
QUESTIONS, GRPC_QUESTIONS, PICTURES = 500.0, 20.0, 4.0


def one_machine(stack: Stack, models: Sequence[str], faults: Sequence[Fault], on_step: OnStep) -> Scene:
    """Strike a running `scoring serve`. Raises LoadTestError."""
    streams = [*_streams(stack.http_port, models), grpc_questions(stack.grpc_port, GRPC_QUESTIONS)]
    struck = []
    with under_load(streams) as load:
        for place, fault in enumerate(faults):
            on_step(fault.name, place, len(faults))
            struck.append(_strike(load, fault, stack.server.pid))
        seconds = load.clock()
    return scene("one machine", {"product": shown(stack.server.command)}, load.sent, struck, seconds)


def rolling_restart(repository: Path, models: Sequence[str], balancer: Balancer, on_step: OnStep) -> Scene:
    """Replace two Tritons and two gateways, one after the other, behind a balancer. Raises LoadTestError."""
    on_step(f"starting two Tritons, two gateways and {balancer.name}", 0, 1)
    with deployed(repository, models) as deployment, balanced(balancer, deployment.addresses) as port:
        parts, struck = deployment.parts, []
        with under_load(_streams(port, models)) as load:
            for place, part in enumerate(parts):
                on_step(f"{balancer.name}: restarting {part.name}", place, len(parts))
                struck.append(_strike(load, _restart(deployment, part), 0, AFTER_RESTART))
            seconds = load.clock()
        services = {part.name: shown(part.command) for part in parts}
        return scene(f"rolling restart behind {balancer.name}", services, load.sent, struck, seconds)


def _restart(deployment: Deployment, part: Part) -> Fault:
    return Fault(
        f"{part.name} restarted", "SIGTERM, then started again", lambda _: deployment.replace(part), lossless=True
    )


def _streams(port: int, models: Sequence[str]) -> list[Stream]:
    found = []
    if faq.MODEL in models:
        found.append(questions(port, QUESTIONS))
    if images.MODEL in models:
        found.append(pictures(port, PICTURES))
    return found


def _strike(load: UnderLoad, fault: Fault, root: int, watch: float = WATCH) -> Struck:
    calm_since = load.clock()
    time.sleep(CALM)
    since = load.clock()
    fault.strike(root)
    until = load.clock()
    time.sleep(watch)
    return Struck(fault.name, fault.what, since, until, load.clock(), calm_since, fault.lossless)
