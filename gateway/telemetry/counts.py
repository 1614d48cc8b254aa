"""Counts requests and calls to Triton as they end."""

from typing import NamedTuple

from gateway.call import CLIENT_GONE, Call
from gateway.errors import STATUS, ScoringError
from gateway.inference import ModelCall
from gateway.telemetry import families
from gateway.telemetry.exemplars import Exemplars, keep
from gateway.telemetry.series import OTHER, Family, Names, Series, observe

_MOST_CLIENTS = 50
_MOST_METHODS = 30
_MOST_MODELS = 30
_UNKNOWN = "-"  # client of a request that was refused before it was known
_GONE = "client-gone"

_OUTCOMES = {kind.__name__: status.slug for kind, status in STATUS.items()} | {"": "ok", "Cancelled": "cancelled"}


def reason(error: ScoringError | None, status: int) -> str:
    """Return why a request got no answer, "" if it got one; status 0 is that of one that was cut short."""
    if error is not None:
        known = STATUS.get(type(error))
        return known.slug if known else OTHER
    if 0 < status < 400:
        return ""
    return _GONE if status == CLIENT_GONE else OTHER


class _Stages(NamedTuple):
    """The histograms of the stages of one method."""

    read: list[float]
    decode: list[float]
    wait: list[float]
    infer: list[float]
    encode: list[float]


class _Method:
    """The histograms of one method over one protocol, at hand."""

    __slots__ = ("_all", "duration", "items", "name", "outcomes", "received", "sent", "stages")

    def __init__(self, name: str, protocol: str, series: dict[Family, Series]) -> None:
        self.name = name
        self.duration = series[families.DURATION].of((name, protocol))
        self.received = series[families.RECEIVED].of((name,))
        self.sent = series[families.SENT].of((name,))
        self.items = series[families.ITEMS].of((name,))
        self.outcomes: dict[tuple[int, str], list[float]] = {}  # requests, by status and client
        self.stages: _Stages | None = None
        self._all = series[families.STAGE]

    def staged(self) -> "_Stages":
        """Return the histograms of the stages, from the first request on that has seen one: most methods have none."""
        if self.stages is None:
            self.stages = _Stages(*(self._all.of((self.name, stage)) for stage in _Stages._fields))
        return self.stages


class Counts:
    """All that is counted in this process."""

    def __init__(self) -> None:
        self.series: dict[Family, Series] = {family: Series(family) for family in families.COUNTED}
        self._requests = self.series[families.REQUESTS]
        self._refusals = self.series[families.REFUSALS]
        self._clients = Names(_MOST_CLIENTS)
        self._methods = Names(_MOST_METHODS)
        self._models = Names(_MOST_MODELS)
        self._at_hand: dict[tuple[str, str], _Method] = {}
        self.in_flight: dict[str, int] = {}  # by method
        self.exemplars: Exemplars = {}  # of durations

    def began(self, name: str) -> None:
        """Count a request of this method as in flight until it has ended."""
        try:
            self.in_flight[name] += 1
        except KeyError:
            method = self._methods.of(name)
            self.in_flight[method] = self.in_flight.get(method, 0) + 1

    def ended(self, call: Call, why: str, seconds: float) -> None:
        """Count a request that took so many seconds and was refused for a reason, "" if it was answered."""
        method = self._at_hand.get((call.method, call.protocol)) or self._method(call.method, call.protocol)
        outcome = (call.status, call.client.label if call.client else _UNKNOWN)
        requests = method.outcomes.get(outcome)
        if requests is None:
            requests = self._outcome(method, call.protocol, *outcome)
        requests[0] += 1
        observe(method.duration, families.SECONDS, seconds)
        observe(method.received, families.BYTES, call.received)
        observe(method.sent, families.BYTES, call.sent)
        if call.read > 0:
            _observe_stages(method.stages or method.staged(), call)
        if call.trace.sampled:
            keep(self.exemplars, families.DURATION, (method.name, call.protocol), seconds, call.trace)
        if method.name in self.in_flight:
            self.in_flight[method.name] -= 1
        if why:
            self._refusals.of((method.name, why))[0] += 1
        else:
            method.items[0] += call.items

    def called(self, call: ModelCall) -> None:
        """Count a call to Triton."""
        model = self._models.of(call.model)
        self.series[families.CALLS].of((model, _OUTCOMES.get(call.error, OTHER)))[0] += 1
        observe(self.series[families.CALL_DURATION].of((model,)), families.SECONDS, call.ended - call.started)
        observe(self.series[families.BATCH].of((model,)), families.INPUTS, call.inputs)

    def _outcome(self, method: _Method, protocol: str, status: int, label: str) -> list[float]:
        client = label if label == _UNKNOWN else self._clients.of(label)
        requests = self._requests.of((method.name, protocol, str(status), client))
        if client == label:  # or one that comes too late, which shares the counts of "other"
            method.outcomes[status, label] = requests
        return requests

    def _method(self, name: str, protocol: str) -> _Method:
        method = _Method(self._methods.of(name), protocol, self.series)
        if method.name == name:  # or one that comes too late, which shares the counts of "other"
            self._at_hand[name, protocol] = method
        return method


def _observe_stages(stages: _Stages, call: Call) -> None:
    """Put the time of each stage into its histogram; a request that was refused has not seen the later ones."""
    seconds = families.SECONDS
    observe(stages.read, seconds, call.read)
    if call.decode > 0:
        observe(stages.decode, seconds, call.decode)
    if call.timing is not None:
        observe(stages.wait, seconds, call.timing.wait)
        observe(stages.infer, seconds, call.timing.infer)
    if call.encode > 0:
        observe(stages.encode, seconds, call.encode)
