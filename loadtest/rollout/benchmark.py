"""The run: a cluster, a load that never ends, and one scene after the other."""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter
from typing import NamedTuple

from loadtest.bench import OnStep
from loadtest.errors import LoadTestError
from loadtest.facts import before, facts
from loadtest.faq.plan import target
from loadtest.faq.questions import SAMPLE_FILES, grpc_messages, http_bodies, read_questions
from loadtest.http_driver import post
from loadtest.rollout import workload
from loadtest.rollout.answers import Catalogs
from loadtest.rollout.asking import GrpcAsker, HttpAsker
from loadtest.rollout.cluster import Cluster, Delays, cluster
from loadtest.rollout.edge import Edge
from loadtest.rollout.load import Load, Sent, Stream
from loadtest.rollout.manifests import Manifests
from loadtest.rollout.releases import first_version, next_version, push
from loadtest.rollout.report import RolloutReport, Scene, stream, told
from loadtest.rollout.scenes import ACTS
from loadtest.rollout.stage import Stage
from loadtest.rollout.timeline import Timeline
from loadtest.rollout.workload import Workloads
from loadtest.stack import HOST

NAME = "rollout"
LOOK_UP = 3.0  # seconds between two look-ups of a name by the gateway
_DEADLINE = "5.0"  # seconds; the gateway's default
_SLACK = 3.0  # seconds that a client waits beyond the deadline
_START_TIMEOUT = 180.0
_SHOWN = ("SCORING_DRAIN_DELAY", "SCORING_GRACE", "SCORING_WORKERS", "--exit-timeout-secs")


class Conditions(NamedTuple):
    """What a run is made under beside the manifests; times in seconds, rates per second."""

    delays: Delays = Delays()
    http_per_s: float = 60.0
    grpc_per_s: float = 30.0
    calm: float = 8.0  # load before each scene
    patience: float = 90.0  # see Stage

    def heard(self, act: str) -> float:
        """Return after how long everyone has heard of the pods that a scene changes."""
        names = self.delays.names + LOOK_UP if ACTS[act].changes_tritons else 0.0
        return max(self.delays.endpoints, names) + 1.0


def seconds(workloads: Workloads, acts: Sequence[str], conditions: Conditions) -> float:
    """Return about how long a run takes, in seconds."""
    return 20.0 + sum(conditions.calm + ACTS[act].seconds(workloads) + conditions.heard(act) for act in acts)


def run(
    repository: Path, manifests: Path, acts: Sequence[str], conditions: Conditions, on_step: OnStep
) -> RolloutReport:
    """Play scenes on a real cluster of processes. Raises LoadTestError."""
    workloads, seen = workload.read(Manifests(manifests)), before()
    with TemporaryDirectory(prefix="scoring-rollout-") as name:
        play = _Play(workloads, Path(name), conditions, acts, on_step)
        scenes, sent, timeline = asyncio.run(play.run(repository))
        length = max(each.watched_until for each in scenes)
        return RolloutReport(
            facts=facts(seen),
            manifests=str(manifests),
            timings={each.name: each.timings for each in (workloads.gateway, workloads.triton)},
            settings=_settings(workloads),
            delays=conditions.delays._asdict(),
            streams=[stream(each, length) for each in sent],
            scenes=[told(each, sent) for each in scenes],
            events=timeline.events,
            endpoints=timeline.counts,
        )


def _settings(workloads: Workloads) -> dict[str, str]:
    flags = dict(flag.split("=", 1) for flag in workloads.triton.args if "=" in flag)
    given = {**workloads.gateway.environ, **flags}
    return {name: given[name] for name in _SHOWN if name in given}


class _Play:
    """One run under way, in a folder of its own."""

    def __init__(
        self, workloads: Workloads, folder: Path, conditions: Conditions, acts: Sequence[str], on_step: OnStep
    ) -> None:
        self._workloads = workloads
        self._folder = folder
        self._conditions = conditions
        self._acts = acts
        self._on_step = on_step
        self._doing = "starting"
        self._began = monotonic()

    async def run(self, repository: Path) -> tuple[list[Scene], list[Sent], Timeline]:
        ticking = asyncio.create_task(self._tick())
        try:
            return await self._run(repository)
        finally:
            ticking.cancel()

    async def _run(self, repository: Path) -> tuple[list[Scene], list[Sent], Timeline]:
        both, store, timeline = self._folder / "models", self._folder / "store", Timeline(perf_counter)
        version = first_version(repository, both)
        release = await push(both, store)
        next_version(both, version)
        pods = self._folder / "pods"
        pods.mkdir()
        async with cluster(self._workloads, store, release, pods, self._conditions.delays, timeline) as running:
            await self._started(running)
            stage = Stage(running, self._workloads, store, both, release, version, self._conditions.patience)
            load = Load(self._streams(running.edge), Catalogs(both))
            try:
                timeline.begin(load.clock)
                scenes = [await self._play(act, stage, load) for act in self._acts]
            finally:
                sent = await asyncio.to_thread(load.stop)
        return scenes, sent, timeline

    async def _started(self, running: Cluster) -> None:
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                await asyncio.gather(running.gateways.settled(), running.tritons.settled())
        except TimeoutError:
            raise LoadTestError(
                f"gateways and Tritons were not available after {_START_TIMEOUT:g} s", "start scoring serve, and look"
            ) from None

    async def _play(self, act: str, stage: Stage, load: Load) -> Scene:
        calm = max(load.clock(), 0.0)
        self._doing = f"{ACTS[act].name}: calm before it"
        await asyncio.sleep(self._conditions.calm)
        self._doing = ACTS[act].name
        cluster, since = stage.cluster, load.clock()
        killed = len(cluster.killed)
        await ACTS[act].play(stage)
        until = load.clock()
        self._doing = f"{ACTS[act].name}: until everyone has heard"
        await asyncio.sleep(self._conditions.heard(act))
        measure = ACTS[act].measure
        shares = await measure(stage) if measure else {}
        return Scene(
            name=ACTS[act].name,
            calm_since=calm,
            since=since,
            until=until,
            watched_until=load.clock(),
            killed=cluster.killed[killed:],
            shares=shares,
        )

    def _streams(self, edge: Edge) -> list[Stream]:
        questions = read_questions(SAMPLE_FILES)
        deadline = float(self._workloads.gateway.environ.get("SCORING_DEADLINE", _DEADLINE))
        where = target(edge.http_port)
        requests = [post(where, body) for body in http_bodies(questions)]
        messages = grpc_messages(questions)
        http = partial(HttpAsker, where.address, requests, deadline + _SLACK)
        grpc = partial(GrpcAsker, f"{HOST}:{edge.grpc_port}", messages, deadline)
        return [
            Stream("FAQ, HTTP", self._conditions.http_per_s, http),
            Stream("FAQ, gRPC", self._conditions.grpc_per_s, grpc),
        ]

    async def _tick(self) -> None:
        total = round(seconds(self._workloads, self._acts, self._conditions))
        while True:
            done = round(monotonic() - self._began)
            self._on_step(self._doing, min(done, total - 1), total)
            await asyncio.sleep(1)
