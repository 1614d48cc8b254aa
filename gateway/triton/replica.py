"""One Triton: its connection, its calls in flight, and what they say about its health.

Whether it can be reached, its connection knows; whether it hangs, its liveness; whether one of its models is dead or
stuck behind a server that lives, that model's breaker learns from the calls.
"""

import asyncio
import logging
from math import inf
from time import monotonic
from typing import Any

import grpc
from tritonclient.grpc import service_pb2, service_pb2_grpc

from gateway.errors import internal_fault
from gateway.triton.breaker import Breaker, State
from gateway.triton.connection import connect
from gateway.triton.in_flight import CallFailedError, CallsInFlight
from gateway.triton.liveness import Liveness
from gateway.triton.outgoing import Outgoing
from gateway.triton.standing import ReplicaState, Standing
from gateway.triton.statuses import FAILURES

_log = logging.getLogger(__name__)

_BEAT = 0.25  # seconds between two looks at its health

_STRANGE = 1.0  # seconds for which others are asked in place of one whose version nobody here knows

_WELL = "is connected"

_READY = grpc.ChannelConnectivity.READY
_GONE = {grpc.ChannelConnectivity.TRANSIENT_FAILURE, grpc.ChannelConnectivity.SHUTDOWN}
_CODE = grpc.StatusCode

Metadata = tuple[tuple[str, str], ...] | None


class Replica:
    """One Triton."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.reserve = False  # whether it only stands in for others
        self.retries = 0
        self.in_flight = CallsInFlight()
        self._channel = connect(address)
        self._stub: Any = service_pb2_grpc.GRPCInferenceServiceStub(self._channel)
        self._infer: Any = self._channel.unary_unary(  # takes bytes: who makes them can copy less than protobuf
            "/inference.GRPCInferenceService/ModelInfer",
            request_serializer=Outgoing.take,
            response_deserializer=service_pb2.ModelInferResponse.FromString,
        )
        self._liveness = Liveness(self._stub, self.in_flight)
        self._breakers: dict[str, Breaker] = {}
        self._strange: dict[str, float] = {}  # until when, by model
        self._intact = False  # the connection was seen to work, and no call has been lost with it since
        self._lost = -inf  # when a call was last lost with a connection that had worked
        self._watch = asyncio.create_task(self._look_after())

    def breaker(self, model: str) -> Breaker:
        """Return the breaker of a model."""
        found = self._breakers.get(model)
        if found is None:
            found = self._breakers[model] = Breaker()
        return found

    def standing(self, model: str, now: float) -> Standing:
        """Return how fit it is to be asked for a model."""
        connectivity = self._channel.get_state(try_to_connect=True)
        if connectivity in _GONE:
            return Standing.UNREACHABLE
        if self._liveness.hangs:
            return Standing.HANGING
        breaker = self.breaker(model)
        if breaker.state is State.CLOSED:
            if now < self._strange.get(model, -inf):
                return Standing.STRANGE
            return Standing.USABLE if connectivity is _READY else Standing.CONNECTING
        return Standing.DUE if now >= breaker.due else Standing.SHUT

    def state(self) -> ReplicaState:
        """Return what is known of it."""
        well = self._channel.get_state() is _READY and not self._liveness.hangs
        breaker = max((each.state for each in self._breakers.values()), default=State.CLOSED) if well else State.OPEN
        return ReplicaState(self.address, int(breaker), len(self.in_flight), self.retries)

    async def infer(self, model: str, request: bytes, until: float, metadata: Metadata) -> Any:
        """Send the bytes of a ModelInferRequest. Raises CallFailedError."""
        breaker, started = self.breaker(model), monotonic()
        trial = breaker.begin(started)
        call = self._infer(Outgoing(request), timeout=until - started, metadata=metadata)
        try:
            reply = await self.in_flight.result(call, started)
        except CallFailedError as error:
            self._judge(breaker, error.status, started, trial=trial)
            raise
        except asyncio.CancelledError:
            breaker.gave_up(started, monotonic(), trial=trial)
            raise
        breaker.answered(started, monotonic())
        return reply

    async def config(self, model: str, version: str, until: float) -> Any:
        """Ask for the configuration of a model's version. Raises CallFailedError.

        Its breaker is not told: who knows the configuration need not be able to answer.
        """
        request, started = service_pb2.ModelConfigRequest(name=model, version=version), monotonic()
        return await self.in_flight.result(self._stub.ModelConfig(request, timeout=until - started), started)

    def strange(self, model: str) -> None:
        """Note that it answered with a version whose catalog is not here: it may be there a moment later."""
        self._strange[model] = monotonic() + _STRANGE

    async def retire(self, grace: float) -> None:
        """Hang up once the calls in flight are answered, or `grace` seconds are over."""
        end = monotonic() + grace
        while self.in_flight and monotonic() < end:  # noqa: ASYNC110 - it is looked after meanwhile: it may hang
            await asyncio.sleep(_BEAT)
        await self.close()

    async def close(self) -> None:
        """Hang up; calls in flight are cancelled."""
        self._watch.cancel()
        await self._channel.close()

    def _judge(self, breaker: Breaker, status: grpc.StatusCode, started: float, *, trial: bool) -> None:
        now = monotonic()
        if status is _CODE.DEADLINE_EXCEEDED or (status is _CODE.UNAVAILABLE and not self._counts(started)):
            breaker.gave_up(started, now, trial=trial)
        elif status in FAILURES:
            breaker.failed(now, trial=trial)
        else:  # a fault of the request's own: the model lives
            breaker.answered(started, now)

    def _counts(self, started: float) -> bool:
        """Tell whether an UNAVAILABLE counts against the model.

        A connection that breaks under many calls failed once, though there may be a new one before all of them are
        told; while there is none, that alone keeps calls away.
        """
        was_intact, self._intact = self._intact, self._channel.get_state() is _READY
        if not was_intact or started <= self._lost or self._liveness.hangs:
            return False
        self._lost = monotonic()
        return True

    async def _look_after(self) -> None:
        before = announced = _WELL
        while True:
            await asyncio.sleep(_BEAT)
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may succeed
                internal_fault(error, "a look at a Triton")
            now = self._health()
            if now == before != announced:  # what lasts for a moment only is not worth a line
                _log.log(logging.INFO if now == _WELL else logging.WARNING, "Triton at %s %s", self.address, now)
                announced = now
            before = now

    async def _look(self) -> None:
        if self._channel.get_state(try_to_connect=True) is _READY:
            self._intact = True
        await self._liveness.check()

    def _health(self) -> str:
        if self._liveness.hangs:
            return "does not answer"
        if self._channel.get_state() is not _READY:
            return "cannot be reached"
        failing = sorted(model for model, breaker in self._breakers.items() if breaker.state is not State.CLOSED)
        return f"fails to answer for {', '.join(failing)}" if failing else _WELL
