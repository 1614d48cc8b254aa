"""Readiness: whether each model answers its golden request, asked rarely, however many probes look."""

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Literal, NamedTuple, Protocol

from gateway.errors import InvalidFieldError, NotReadyError

# Seconds that an outcome stays valid. A proof that took long cost the model much: success counts for some twenty times
# what it took. Failure counts for the shortest time, so that a model that is back is found at once.
_FRESH_AT_LEAST = 1.0
_FRESH_AT_MOST = 10.0
_FRESH_TIMES = 20.0

# A balancer that takes a gateway out for one lost proof moves its load to the others, which then lose theirs. So a
# ready model stays ready until this many proofs in a row have failed, of which the second is asked soon; one success is
# enough for the way back. An outage is certain, and counts at once.
_FAILURES = 2
_SECOND_LOOK = 0.25  # seconds

_DRAINING = "The gateway is about to stop."


class Provable(Protocol):
    """A service in front of one model."""

    @property
    def model(self) -> str:
        """The model's name."""
        ...

    async def published(self) -> bool:
        """Tell whether there is a version of the model to serve."""
        ...

    async def prove(self, seconds: float) -> None:
        """Ask the golden request, through the whole path. Raises NotReadyError without its known answer."""
        ...


class ModelState(NamedTuple):
    """Whether a model answers; if not, `reason` is a sentence that says why."""

    model: str
    state: Literal["ready", "not_ready", "not_published"]
    reason: str | None = None


class Report(NamedTuple):
    """The service is `degraded` when one of its published models does not answer."""

    status: Literal["ready", "degraded"]
    models: list[ModelState]


class Readiness:
    """Remembers which models answer. `services` pairs each service with the seconds that its proof may take.

    A probe waits for a proof that is under way for `patience` seconds at most; then it gets the outcome before.
    `outage` says of a model why it certainly cannot answer, None if it may.
    """

    def __init__(
        self,
        services: Sequence[tuple[Provable, float]],
        patience: float,
        outage: Callable[[str], str | None],
    ) -> None:
        self._proofs = {service.model: _Proof(service, seconds, patience, outage) for service, seconds in services}
        self._draining = False

    def drain(self) -> None:
        """Say from now on, for good, that nothing is ready: the gateway is about to stop."""
        self._draining = True

    @property
    def models(self) -> tuple[str, ...]:
        """The names of all models, published or not."""
        return tuple(self._proofs)

    def glance(self, model: str) -> bool:
        """Tell without waiting whether a model answered its last golden request, and have the next one asked if due.

        Raises LookupError where nothing is known: none was asked yet, or no version is published.
        """
        return self._proofs[model].glance() and not self._draining

    async def states(self, model: str | None = None) -> list[ModelState]:
        """Return the state of each model, or of one. Raises InvalidFieldError for a name that is not known."""
        if model is not None and model not in self._proofs:
            names = ", ".join(self._proofs)
            raise InvalidFieldError(f"model must be one of {names}.", field="model", limit=names)
        proofs = {name: proof for name, proof in self._proofs.items() if model in (None, name)}
        if self._draining:
            return [ModelState(name, "not_ready", _DRAINING) for name in proofs]
        return list(await asyncio.gather(*(proof.state() for proof in proofs.values())))

    async def check(self, model: str | None = None) -> Report:
        """Return if a published model answers, or the one that is asked for.

        Raises NotReadyError with the reasons if none does, InvalidFieldError for a name that is not known.
        """
        states = await self.states(model)
        if self._draining:  # also where it began while the proofs were under way
            raise NotReadyError(_DRAINING)
        if not any(each.state == "ready" for each in states):
            counting = [each for each in states if each.state == "not_ready"] or states
            raise NotReadyError(" ".join(each.reason for each in counting if each.reason))
        degraded = any(each.state == "not_ready" for each in states)
        return Report("degraded" if degraded else "ready", states)

    async def ready(self, model: str | None = None) -> bool:
        """Tell whether a published model answers, or the one that is asked for. Raises InvalidFieldError."""
        try:
            await self.check(model)
        except NotReadyError:
            return False
        return True


class _Proof:
    """The last outcome for one model, and the proof that renews it."""

    def __init__(self, service: Provable, seconds: float, patience: float, outage: Callable[[str], str | None]) -> None:
        self._service = service
        self._seconds = seconds
        self._patience = patience
        self._outage = outage
        self._task: asyncio.Task[None] | None = None
        self._stale = 0.0  # when the outcome is to be renewed, of `time.monotonic`
        self._failures = 0  # in a row
        self._state = ModelState(service.model, "not_ready", f"{service.model}: its proof is still under way.")

    async def state(self) -> ModelState:
        # A probe that gives up does not spoil the outcome for the others: waiting cancels nothing.
        await asyncio.wait((self._under_way(),), timeout=self._patience)
        return self._known()

    def glance(self) -> bool:
        """Return whether the model answered last; LookupError where nothing is known of it."""
        self._under_way()
        known = self._known()
        if known.state == "not_published" or not self._stale:
            raise LookupError(self._service.model)
        return known.state == "ready"

    def _under_way(self) -> asyncio.Task[None]:
        """Return the last proof, or the next one if that is due."""
        if self._task is None or (self._task.done() and monotonic() >= self._stale):
            self._task = asyncio.create_task(self._renew())
        return self._task

    def _known(self) -> ModelState:
        """Return the last outcome, unless it is known by now that the model cannot answer."""
        outage = self._outage(self._service.model) if self._state.state == "ready" else None
        return ModelState(self._service.model, "not_ready", outage) if outage else self._state

    async def _renew(self) -> None:
        started = monotonic()
        found = await self._prove()
        ended = monotonic()
        self._failures = self._failures + 1 if found.state == "not_ready" else 0
        doubted = self._state.state == "ready" and 0 < self._failures < _FAILURES
        if doubted:
            self._stale = ended + _SECOND_LOOK
            return
        self._state = found
        effort = (ended - started) * _FRESH_TIMES if found.state == "ready" else 0.0
        self._stale = ended + min(max(effort, _FRESH_AT_LEAST), _FRESH_AT_MOST)

    async def _prove(self) -> ModelState:
        model = self._service.model
        if not await self._service.published():
            return ModelState(model, "not_published", f"The repository holds no version of {model}.")
        try:
            await self._service.prove(self._seconds)
        except NotReadyError as error:
            return ModelState(model, "not_ready", error.detail)
        return ModelState(model, "ready")
