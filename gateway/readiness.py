"""Readiness: whether each model answers its golden request, asked rarely, however many probes look."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Literal, NamedTuple, Protocol

from gateway.errors import InvalidFieldError, NotReadyError

# Seconds that an outcome stays valid. A proof that took long cost the model much: success counts for some twenty times
# what it took. Failure counts for the shortest time, so that a model that is back is found at once.
_FRESH_AT_LEAST = 1.0
_FRESH_AT_MOST = 10.0
_FRESH_TIMES = 20.0


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
    """

    def __init__(self, services: Sequence[tuple[Provable, float]], patience: float) -> None:
        self._proofs = {service.model: _Proof(service, seconds, patience) for service, seconds in services}

    @property
    def models(self) -> tuple[str, ...]:
        """The names of all models, published or not."""
        return tuple(self._proofs)

    async def states(self, model: str | None = None) -> list[ModelState]:
        """Return the state of each model, or of one. Raises InvalidFieldError for a name that is not known."""
        if model is not None and model not in self._proofs:
            names = ", ".join(self._proofs)
            raise InvalidFieldError(f"model must be one of {names}.", field="model", limit=names)
        proofs = [proof for name, proof in self._proofs.items() if model in (None, name)]
        return list(await asyncio.gather(*(proof.state() for proof in proofs)))

    async def check(self, model: str | None = None) -> Report:
        """Return if a published model answers, or the one that is asked for.

        Raises NotReadyError with the reasons if none does, InvalidFieldError for a name that is not known.
        """
        states = await self.states(model)
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

    def __init__(self, service: Provable, seconds: float, patience: float) -> None:
        self._service = service
        self._seconds = seconds
        self._patience = patience
        self._task: asyncio.Task[None] | None = None
        self._stale = 0.0  # when the outcome is to be renewed, of `time.monotonic`
        self._state = ModelState(service.model, "not_ready", f"{service.model}: its proof is still under way.")

    async def state(self) -> ModelState:
        if self._task is None or (self._task.done() and monotonic() >= self._stale):
            self._task = asyncio.create_task(self._renew())
        # A probe that gives up does not spoil the outcome for the others: waiting cancels nothing.
        await asyncio.wait((self._task,), timeout=self._patience)
        return self._state

    async def _renew(self) -> None:
        started = monotonic()
        self._state = await self._prove()
        ended = monotonic()
        effort = (ended - started) * _FRESH_TIMES if self._state.state == "ready" else 0.0
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
