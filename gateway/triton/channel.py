"""The way to Triton, whichever of its replicas answers."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from time import monotonic
from typing import Any

import grpc

from gateway.inference import Served
from gateway.telemetry.trace import Trace
from gateway.triton.addresses import NOWHERE, Addresses
from gateway.triton.in_flight import CallFailedError
from gateway.triton.replica import Replica
from gateway.triton.replicas import Replicas
from gateway.triton.retry_budget import RetryBudget
from gateway.triton.standing import ReplicaState, Standing
from gateway.triton.statuses import FAILURES, translated

_LEAST_TIME = 0.005  # seconds without which a call is not worth repeating

# Seconds before the same replica is asked again. Calls learn that their connection is gone before gRPC's channel does:
# one made at once may be given to the same connection and be lost with it.
_PARTING = 0.05

Knows = Callable[[str], Awaitable[bool]]  # whether there is a catalog of a version


async def everything(version: str) -> bool:
    """Know every version."""
    return True


class TritonChannel:
    """The replicas of Triton that some models share, and a reserve that stands in for them; raises ScoringError.

    Make it inside the event loop that it is to live on.
    """

    def __init__(self, addresses: Addresses, reserve: Addresses = NOWHERE) -> None:
        self.stand_ins = 0  # calls that the reserve has answered, since the start
        self._replicas = Replicas(addresses, reserve)
        self._budget = RetryBudget()
        self._trials = set[asyncio.Task[None]]()

    async def infer(
        self, model: str, request: bytes, until: float, trace: Trace | None = None, knows: Knows = everything
    ) -> tuple[Any, bool]:
        """Send the bytes of a ModelInferRequest; return the ModelInferResponse before the time `until`.

        With it comes whether a Triton of the reserve sent it. Times are of `time.monotonic`. A call that a replica
        fails, or answers with a version that `knows` denies, is made once more: to score twice does no harm.
        """
        metadata = None if trace is None else (("traceparent", trace.header()),)

        def ask(replica: Replica) -> Coroutine[Any, Any, Any]:
            return replica.infer(model, request, until, metadata)

        await self._replicas.known(until)
        replica, due = self._replicas.pick(model)
        for other in due:
            self._try_again(ask(other))
        self._budget.earn()
        try:
            reply = await ask(replica)
        except CallFailedError as error:
            another = await self._another(replica, error.status, model, until)
            if another is None:
                raise translated(error.status, model) from None
        else:
            if await knows(reply.model_version):
                return self._told(reply, replica)
            replica.strange(model)
            another = self._familiar(replica, model, until)
            if another is None:
                return self._told(reply, replica)
        try:
            return self._told(await ask(another), another)
        except CallFailedError as error:
            raise translated(error.status, model) from None

    async def config(self, model: str, served: Served | None, until: float) -> Any:
        """Return the ModelConfigResponse for a version as it is served; None stands for whatever a Triton prefers.

        All replicas that may serve it are asked, one after the other, until one knows it: during a roll-out not all do.
        """
        await self._replicas.known(until)
        version = served.version if served else ""
        status = grpc.StatusCode.UNAVAILABLE
        for replica in self._replicas.fit(model, None if served is None else served.stand_in):
            try:
                return await replica.config(model, version, until)
            except CallFailedError as error:
                status = error.status
                if status not in FAILURES:
                    break
        raise translated(status, model)

    def replicas(self) -> list[ReplicaState]:
        """Return what is known of each Triton."""
        return self._replicas.states()

    def outage(self, model: str) -> str | None:
        """Return why no Triton can be asked for a model now; None while there is one."""
        return self._replicas.outage(model)

    async def close(self) -> None:
        """Close the connections; calls in flight are cancelled."""
        for trial in self._trials:
            trial.cancel()
        await self._replicas.close()

    def _told(self, reply: Any, replica: Replica) -> tuple[Any, bool]:
        self.stand_ins += replica.reserve
        return reply, replica.reserve

    async def _another(self, failed: Replica, status: grpc.StatusCode, model: str, until: float) -> Replica | None:
        """Return the replica to ask after one has failed, None if there is no use in it.

        It is the same one only where no other can be asked and its connection broke, perhaps no more than that.
        """
        if status not in FAILURES or until - monotonic() < _LEAST_TIME:
            return None
        another = self._replicas.another(model, [failed])
        if another is None and status is grpc.StatusCode.UNAVAILABLE:
            await asyncio.sleep(_PARTING)
            another = self._replicas.another(model, [])
        if another is None or not self._budget.spend():
            return None
        failed.retries += 1
        return another

    def _familiar(self, strange: Replica, model: str, until: float) -> Replica | None:
        """Return the replica to ask after one has answered with a version that is not known; None if all are so."""
        another = self._replicas.another(model, [strange])
        fit = another is not None and another.standing(model, monotonic()) < Standing.STRANGE
        if not fit or until - monotonic() < _LEAST_TIME or not self._budget.spend():
            return None
        strange.retries += 1
        return another

    def _try_again(self, copy: Coroutine[Any, Any, Any]) -> None:
        """Make a copy of a call that another replica answers: whether this one answers it, its breaker learns."""
        trial = asyncio.create_task(_quietly(copy))
        self._trials.add(trial)
        trial.add_done_callback(self._trials.discard)


async def _quietly(trial: Coroutine[Any, Any, Any]) -> None:
    with suppress(CallFailedError, grpc.aio.UsageError):  # the latter where the replica has left meanwhile
        await trial
