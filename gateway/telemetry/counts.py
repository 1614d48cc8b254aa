"""Counts requests and calls to Triton as they end."""

from gateway.call import CLIENT_GONE, Call
from gateway.errors import STATUS, ScoringError
from gateway.telemetry import families
from gateway.telemetry.model_call import ModelCall
from gateway.telemetry.series import OTHER, Family, Names, Series

_MOST_CLIENTS = 50
_MOST_METHODS = 50
_MOST_MODELS = 50
_UNKNOWN = "-"  # client of a request that was refused before it was known
_GONE = "client-gone"

_OUTCOMES = {kind.__name__: status.slug for kind, status in STATUS.items()} | {"": "ok"}


def reason(error: ScoringError | None, status: int) -> str:
    """Return why a request got no answer, "" if it got one."""
    if error is not None:
        known = STATUS.get(type(error))
        return known.slug if known else OTHER
    if status < 400:
        return ""
    return _GONE if status == CLIENT_GONE else OTHER


class Counts:
    """All that is counted in this process."""

    def __init__(self) -> None:
        self.series: dict[Family, Series] = {family: Series(family) for family in families.COUNTED}
        self._requests = self.series[families.REQUESTS]
        self._refusals = self.series[families.REFUSALS]
        self._items = self.series[families.ITEMS]
        self._duration = self.series[families.DURATION]
        self._stage = self.series[families.STAGE]
        self._received = self.series[families.RECEIVED]
        self._sent = self.series[families.SENT]
        self._calls = self.series[families.CALLS]
        self._call_duration = self.series[families.CALL_DURATION]
        self._batch = self.series[families.BATCH]
        self._clients = Names(_MOST_CLIENTS)
        self._methods = Names(_MOST_METHODS)
        self._models = Names(_MOST_MODELS)

    def ended(self, call: Call, seconds: float) -> None:
        """Count a request that took so many seconds."""
        method = self._methods.of(call.method)
        client = self._clients.of(call.client.label or call.client.name) if call.client else _UNKNOWN
        self._requests.add((method, call.protocol, call.status, client))
        self._duration.observe((method, call.protocol), seconds)
        self._received.observe((method,), call.received)
        self._sent.observe((method,), call.sent)
        self._stages(method, call)
        why = reason(call.error, call.status)
        if why:
            self._refusals.add((method, why))
        else:
            self._items.add((method,), call.items)

    def called(self, call: ModelCall) -> None:
        """Count a call to Triton."""
        model = self._models.of(call.model)
        self._calls.add((model, _OUTCOMES.get(call.error, OTHER)))
        self._call_duration.observe((model,), call.ended - call.started)
        self._batch.observe((model,), call.inputs)

    def _stages(self, method: str, call: Call) -> None:
        wait, infer, _ = call.timing or (0.0, 0.0, 0)
        stages = ("read", call.read), ("decode", call.decode), ("wait", wait), ("infer", infer), ("encode", call.encode)
        for stage, seconds in stages:
            if seconds > 0:  # a request that was refused has not seen the later ones
                self._stage.observe((method, stage), seconds)
