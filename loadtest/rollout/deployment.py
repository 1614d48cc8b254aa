"""A Deployment's controller: so many pods, replaced step by step when what they are to be changes."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from loadtest.rollout.endpoints import Endpoints
from loadtest.rollout.pod import Pod
from loadtest.rollout.timeline import Timeline
from loadtest.rollout.workload import Timings

_STEP = 0.1  # seconds
Overrides = Mapping[str, str]  # of variables of the environment
Make = Callable[[str, Overrides], Pod]  # gets the pod's name


class _Member(NamedTuple):
    pod: Pod
    revision: int


class Deployment:
    """Pods that `make` makes. `run` has to be under way."""

    def __init__(
        self, name: str, replicas: int, timings: Timings, make: Make, endpoints: Endpoints, timeline: Timeline
    ) -> None:
        self.name = name
        self.replicas = replicas
        self.killed: list[str] = []
        self._timings = timings
        self._make = make
        self._endpoints = endpoints
        self._timeline = timeline
        self._overrides: Overrides = {}
        self._revision = 1
        self._made = 0
        self._members: list[_Member] = []

    @property
    def pods(self) -> Sequence[Pod]:
        """All that are not gone, oldest first."""
        return [each.pod for each in self._members]

    def pin(self, overrides: Overrides) -> None:
        """Let pods that are made from now on have this in their environment."""
        self._overrides = {**self._overrides, **overrides}

    def roll_out(self, overrides: Overrides) -> None:
        """Replace all pods by others, whose environment differs in this."""
        self.pin(overrides)
        self._revision += 1

    async def run(self) -> None:
        """Make the pods those that are wanted, for ever. Raises LoadTestError when one of them fails."""
        while True:
            self._step()
            await asyncio.sleep(_STEP)

    async def settled(self) -> None:
        """Wait until there are as many as wanted, all available and of the newest kind, and no other one is left."""
        await asyncio.sleep(_STEP)
        while not self._is_settled():  # noqa: ASYNC110 - what it waits for are states of processes
            await asyncio.sleep(_STEP)

    async def close(self) -> None:
        """End all pods at once."""
        await asyncio.gather(*(pod.close() for pod in self.pods))

    def _is_settled(self) -> bool:
        return len(self._members) == self.replicas and all(
            each.revision == self._revision and each.pod.available for each in self._members
        )

    def _step(self) -> None:
        self.killed += [each.pod.name for each in self._members if each.pod.gone and each.pod.killed]
        # One that is gone without having been asked to has failed, and says so when it is looked at.
        self._members = [each for each in self._members if not (each.pod.gone and each.pod.terminating)]
        ready = frozenset(each.pod.address for each in self._members if each.pod.ready)
        self._endpoints.set(ready)
        self._timeline.count(self.name, len(ready))
        staying = [each for each in self._members if not each.pod.terminating]
        new = [each for each in staying if each.revision == self._revision]
        old = [each for each in staying if each.revision != self._revision]
        surge, unavailable = self._bounds()
        room = self.replicas + (surge if old else 0) - len(staying)
        for _ in range(min(room, self.replicas - len(new))):
            self._create()
        for each in new[self.replicas :]:
            each.pod.delete()
        dispensable = sum(each.pod.available for each in staying) - (self.replicas - unavailable)
        # Those that nobody counts go first, and cost nothing.
        for each in sorted(old, key=lambda member: member.pod.available):
            if each.pod.available:
                dispensable -= 1
            if dispensable >= 0:
                each.pod.delete()

    def _bounds(self) -> tuple[int, int]:
        surge, unavailable = self._timings.surge(self.replicas), self._timings.unavailable(self.replicas)
        return surge, unavailable if surge or unavailable else 1  # as Kubernetes does: else nothing could move

    def _create(self) -> None:
        self._made += 1
        pod = self._make(f"{self.name}-{self._revision}-{self._made}", self._overrides)
        self._members.append(_Member(pod, self._revision))
