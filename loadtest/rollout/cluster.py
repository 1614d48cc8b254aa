"""Gateways and Tritons behind an edge and a name, wired as the manifests have it."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from loadtest.errors import LoadTestError
from loadtest.faq.plan import MODEL
from loadtest.rollout import programs
from loadtest.rollout.deployment import Deployment, Overrides
from loadtest.rollout.edge import Edge, edge
from loadtest.rollout.endpoints import Endpoints
from loadtest.rollout.names import Names
from loadtest.rollout.pod import Plan, Pod
from loadtest.rollout.programs import Place
from loadtest.rollout.timeline import Timeline
from loadtest.rollout.workload import Workload, Workloads

REPLICAS = 2  # of each
_ADDRESSES = 100  # that pods may have in a run


class Delays(NamedTuple):
    """Seconds until those who send requests hear of a pod that came or went.

    `endpoints`: the edge. `names`: clients that look a headless Service's name up. CoreDNS, as most clusters set it up
    (`ttl 30` and `cache 30` in its Corefile), may answer so long with what was true before.
    """

    endpoints: float = 2.0
    names: float = 30.0


@dataclass(frozen=True)
class Cluster:
    """A running cluster; pods have their folders below `folder`."""

    gateways: Deployment
    tritons: Deployment
    edge: Edge
    folder: Path

    @property
    def killed(self) -> list[str]:
        """The names of pods that did not end within their grace."""
        return [*self.gateways.killed, *self.tritons.killed]

    def gateways_know(self, version: int) -> bool:
        """Whether all gateways have the catalog of a version of the FAQ model."""
        places = (self.folder / pod.name / "models" / "current" / MODEL / str(version) for pod in self.gateways.pods)
        return all((place / "catalog.jsonl").exists() for place in places)


class _Pods(NamedTuple):
    """Makes the pods of a Deployment."""

    workload: Workload
    plan: Callable[[Place, Overrides], Plan]
    addresses: Iterator[str]
    folder: Path
    store: Path
    timeline: Timeline

    def make(self, name: str, overrides: Overrides) -> Pod:
        address = next(self.addresses, None)
        if address is None:
            raise LoadTestError(f"{name} gets no address any more", "something makes pods without an end: see the log")
        place = Place(address, self.folder / name, self.store)
        (place.folder / "tmp").mkdir(parents=True)
        log = place.folder / "log"
        return Pod(name, address, self.plan(place, overrides), self.workload.timings, log, self.timeline)


@asynccontextmanager
async def cluster(
    workloads: Workloads, store: Path, release: str, folder: Path, delays: Delays, timeline: Timeline
) -> AsyncIterator[Cluster]:
    """Run it while the context lasts, at first with a release for the Tritons; a pod that fails ends the context.

    Raises LoadTestError.
    """
    gateway, triton, addresses = workloads.gateway, workloads.triton, _addresses(workloads)
    names, spare = Names(workloads.service.host, folder), iter(addresses)

    def deployment(workload: Workload, plan: Callable[[Place, Overrides], Plan], endpoints: Endpoints) -> Deployment:
        pods = _Pods(workload, plan, spare, folder, store, timeline)
        return Deployment(workload.name, REPLICAS, workload.timings, pods.make, endpoints, timeline)

    async with edge(folder, addresses, gateway.ports) as balancer:
        gateways = deployment(
            gateway,
            lambda place, overrides: programs.gateway(gateway, place, names.environ, overrides),
            Endpoints(balancer.set, delays.endpoints),
        )
        tritons = deployment(
            triton,
            lambda place, overrides: programs.triton(triton, place, overrides),
            Endpoints(names.set, delays.names),
        )
        tritons.pin({"MODELS_RELEASE": release})
        async with _run(gateways, tritons):
            yield Cluster(gateways, tritons, balancer, folder)


@asynccontextmanager
async def _run(*deployments: Deployment) -> AsyncIterator[None]:
    try:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(each.run()) for each in deployments]
            try:
                yield
            finally:
                for each in running:
                    each.cancel()
    except* LoadTestError as errors:
        raise _first(errors) from None
    finally:
        await asyncio.gather(*(each.close() for each in deployments))


def _first(errors: BaseException) -> BaseException:
    return _first(errors.exceptions[0]) if isinstance(errors, BaseExceptionGroup) else errors


def _addresses(workloads: Workloads) -> list[str]:
    """Return loopback addresses that no other run on this machine takes. Raises LoadTestError if ports are taken."""
    second, third = divmod(os.getpid(), 256)
    addresses = [f"127.{1 + second % 254}.{third}.{place + 1}" for place in range(_ADDRESSES)]
    for workload in (workloads.gateway, workloads.triton):
        for port in workload.ports.values():
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((addresses[0], port))
                except OSError as error:
                    raise LoadTestError(
                        f"port {port} of {addresses[0]} cannot be had: {error.strerror}",
                        "stop the server that listens there on all addresses",
                    ) from None
    return addresses
