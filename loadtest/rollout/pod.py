"""A pod: processes with an address of their own, started, probed and ended as the kubelet does."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from math import inf
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from loadtest.errors import LoadTestError
from loadtest.rollout import probing
from loadtest.rollout.processes import Container, Program, output
from loadtest.rollout.timeline import Timeline
from loadtest.rollout.workload import Timings

_POLL = 0.05  # seconds
_LEAST_GRACE = 2.0  # seconds that the kubelet gives a container after SIGTERM, however long the hook took
_SIDECAR_PATIENCE = 60.0  # seconds in which the sidecar's file has to be there


class Plan(NamedTuple):
    """What a pod runs: programs that end before all others, a sidecar that makes a file, and what it is there for."""

    init: Sequence[Program]
    main: Program
    sidecar: Program | None = None
    sidecar_makes: Path | None = None


class Pod:
    """A pod. It starts when it is made, in the event loop; `address` is its own."""

    def __init__(self, name: str, address: str, plan: Plan, timings: Timings, log: Path, timeline: Timeline) -> None:
        self.name = name
        self.address = address
        self.terminating = False
        self.gone = False
        self.killed = False
        self._plan = plan
        self._timings = timings
        self._log = log
        self._timeline = timeline
        self._ready_since = inf  # of `time.monotonic`
        self._failure: LoadTestError | None = None
        self._end = asyncio.Event()
        self._life = asyncio.create_task(self._live())

    @property
    def ready(self) -> bool:
        """Whether it is an endpoint: ready, and not about to go. Raises LoadTestError when it failed."""
        if self._failure is not None:
            raise self._failure
        return self._ready_since < inf and not self.terminating

    @property
    def available(self) -> bool:
        """Whether a roll-out counts it: ready for long enough."""
        return self.ready and monotonic() - self._ready_since >= self._timings.min_ready

    def delete(self) -> None:
        """Begin to end it. Whoever looks at `ready` finds it gone from the endpoints at once."""
        if not self.terminating:
            self.terminating = True
            self._note("terminating")
            self._end.set()

    async def close(self) -> None:
        """End it at once, whatever it does."""
        self._life.cancel()
        await asyncio.gather(self._life, return_exceptions=True)

    async def _live(self) -> None:
        try:
            async with AsyncExitStack() as stack:
                await self._run(stack)
        except LoadTestError as error:
            self._failure = error
        except OSError as error:
            self._failure = LoadTestError(f"{self.name} cannot be started: {error}", "see what the system lacks")
        finally:
            self.gone = True

    async def _run(self, stack: AsyncExitStack) -> None:
        for program in self._plan.init:
            await output(program)
        if self._plan.sidecar is not None:
            sidecar = await Container.start(self._plan.sidecar, self._log.with_suffix(".sidecar.log"))
            stack.push_async_callback(sidecar.close)
            await self._sidecar_started(sidecar)
        main = await Container.start(self._plan.main, self._log)
        stack.push_async_callback(main.close)
        self._note("started")
        probes = asyncio.create_task(self._probe(main))
        stack.callback(probes.cancel)
        ending, asked = asyncio.create_task(main.ended()), asyncio.create_task(self._end.wait())
        stack.callback(ending.cancel)
        stack.callback(asked.cancel)
        await asyncio.wait((ending, asked), return_when=asyncio.FIRST_COMPLETED)
        if not self.terminating:
            raise LoadTestError(f"{self.name} ended by itself, exit code {main.exit_code}", main.last_words())
        await self._terminate(main, ending)

    async def _sidecar_started(self, sidecar: Container) -> None:
        until, file = monotonic() + _SIDECAR_PATIENCE, self._plan.sidecar_makes
        while file is not None and not file.exists():
            if sidecar.exit_code is not None or monotonic() > until:
                raise LoadTestError(f"the sidecar of {self.name} does not make {file.name}", sidecar.last_words())
            await asyncio.sleep(_POLL)

    async def _probe(self, main: Container) -> None:
        startup = self._timings.startup
        if startup is not None and not await probing.started(self.address, startup):
            self._failure = LoadTestError(f"{self.name} does not start", main.last_words())
            return
        await probing.follow(self.address, self._timings.readiness, self._on_readiness)

    def _on_readiness(self, ready: bool) -> None:  # noqa: FBT001 - the one thing that is told
        self._ready_since = monotonic() if ready else inf
        if not self.terminating:
            self._note("ready" if ready else "not ready")

    async def _terminate(self, main: Container, ending: "asyncio.Task[int]") -> None:
        """Wait for the hook, then for the program; what takes longer than its grace, the hook included, is killed."""
        left = self._timings.termination_grace
        hook = min(self._timings.pre_stop, left)
        await asyncio.wait((ending,), timeout=hook)
        self._note("SIGTERM")
        main.terminate()
        await asyncio.wait((ending,), timeout=max(left - hook, _LEAST_GRACE))
        if not ending.done():
            self.killed = True
            self._note("killed")
            main.kill()
        self._note(f"ended, exit code {await ending}")

    def _note(self, what: str) -> None:
        self._timeline.note(what, self.name)
