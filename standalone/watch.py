"""Decide from repeated inferences whether Triton still works."""

from collections.abc import Callable
from typing import NamedTuple

from standalone.inference import Call, Triton

INTERVAL = 1.0  # seconds between inferences
DEADLINE = 5.0
# A full batch of images that is served first can take long on a machine that others keep busy.
HANG = 30.0  # seconds without an answer and without a finished batch, before a model counts as dead
FAILURES = 2  # errors in a row, before it does
# An inference that takes long is asked for rarely: watching may cost 5 % of a core at most.
COST_FACTOR = 20
LONGEST_INTERVAL = 10.0  # however long an answer had to wait behind others
_PATIENCE = 1.0  # for what Triton itself knows


class _Pace(NamedTuple):
    interval: float
    deadline: float
    hang: float


class InferenceWatch:
    """Keeps one inference of each model under way, without ever waiting for it.

    `clock` returns seconds, and so are `interval`, `deadline` and `hang`.
    """

    def __init__(
        self,
        triton: Triton,
        models: tuple[str, ...],
        clock: Callable[[], float],
        *,
        interval: float = INTERVAL,
        deadline: float = DEADLINE,
        hang: float = HANG,
    ) -> None:
        pace = _Pace(interval, deadline, hang)
        self._watches = [_ModelWatch(triton, model, clock, pace) for model in models]

    def fault(self) -> str | None:
        """Take one look; return why Triton has to be restarted, None as long as it need not be."""
        faults = [watch.fault() for watch in self._watches]
        return next(filter(None, faults), None)


class _ModelWatch:
    """Judges one model by itself: another one that answers says nothing about it."""

    def __init__(self, triton: Triton, model: str, clock: Callable[[], float], pace: _Pace) -> None:
        self._triton = triton
        self._model = model
        self._clock = clock
        self._pace = pace
        self._call: Call | None = None
        self._began = self._due = clock() + pace.interval
        self._lived = clock()
        self._failures = 0
        self._executions: int | None = None

    def fault(self) -> str | None:
        if self._call is None:
            if self._clock() >= self._due:
                self._began = self._clock()
                self._call = self._triton.infer(self._model, self._pace.deadline)
            return None
        return self._judge(self._call) if self._call.done() else None

    def _judge(self, call: Call) -> str | None:
        fault, self._call = call.fault(), None
        if fault is None:
            self._executions = None
        if fault is None or (fault.late and self._moves()):
            self._rest()
            return None
        if fault.late:
            silence = self._clock() - self._lived
            return f"{self._model}: no answer for {silence:.1f} s" if silence >= self._pace.hang else None
        self._failures += 1
        return f"{self._model}: {fault.reason}" if self._failures >= FAILURES else None

    def _rest(self) -> None:
        self._failures = 0
        self._lived = self._clock()
        pause = min(COST_FACTOR * (self._lived - self._began), LONGEST_INTERVAL)
        self._due = self._lived + max(self._pace.interval, pause)

    def _moves(self) -> bool:
        """Tell whether a batch was finished between two late answers: a queue that moves is load, not death."""
        before, self._executions = self._executions, self._triton.executions(self._model, _PATIENCE)
        return before is not None and self._executions is not None and self._executions != before
