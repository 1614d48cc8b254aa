"""Decide from repeated inferences whether Triton still works."""

from collections.abc import Callable
from typing import NamedTuple

from standalone.inference import Call, Triton

INTERVAL = 1.0  # seconds between inferences
DEADLINE = 5.0
FAILURES = 2  # in a row, before Triton counts as dead
# An inference that takes long is asked for rarely: watching may cost 5 % of a core at most.
COST_FACTOR = 20
LONGEST_INTERVAL = 10.0  # however long an answer had to wait behind others
# An image may have to wait for so many others: two batches of 16, one that runs and one that was there before it.
QUEUE = 32
LONGEST_DEADLINE = 30.0
PATIENCE = 1.0  # for what Triton itself knows


class InferenceWatch:
    """Keeps one inference of each model under way, without ever waiting for it.

    `clock` returns seconds, and so are interval and deadline in seconds; `alone` is about what an inference of the
    slowest model takes when nothing else is asked for.
    """

    def __init__(
        self,
        triton: Triton,
        models: tuple[str, ...],
        clock: Callable[[], float],
        *,
        interval: float = INTERVAL,
        deadline: float = DEADLINE,
        alone: float = 0.0,
    ) -> None:
        pace = _Pace(interval, deadline)
        self._watches = [_ModelWatch(triton, model, clock, pace, alone) for model in models]

    def fault(self) -> str | None:
        """Take one look; return why Triton has to be restarted, None as long as it need not be."""
        faults = [watch.fault() for watch in self._watches]
        return next(filter(None, faults), None)


class _Pace(NamedTuple):
    interval: float
    deadline: float


class _ModelWatch:
    """Judges one model by itself: another one that answers says nothing about it."""

    def __init__(self, triton: Triton, model: str, clock: Callable[[], float], pace: _Pace, alone: float) -> None:
        self._triton = triton
        self._model = model
        self._clock = clock
        self._pace = pace
        self._fastest = alone
        self._call: Call | None = None
        self._began = self._due = clock() + pace.interval
        self._failures = 0
        self._executions: int | None = None

    def fault(self) -> str | None:
        if self._call is None:
            if self._clock() >= self._due:
                self._began = self._clock()
                self._call = self._triton.infer(self._model, self._deadline())
            return None
        return self._judge(self._call) if self._call.done() else None

    def _deadline(self) -> float:
        # On a slow machine a full batch that is served first takes longer than the usual deadline.
        return max(self._pace.deadline, min(QUEUE * self._fastest, LONGEST_DEADLINE))

    def _judge(self, call: Call) -> str | None:
        fault, self._call = call.fault(), None
        if fault is None:
            self._executions = None
            took = self._clock() - self._began
            self._fastest = min(self._fastest, took) if self._fastest else took
        if fault is None or (fault.late and self._moves()):
            self._rest()
            return None
        self._failures += 1
        return f"{fault.model}: {fault.reason}" if self._failures >= FAILURES else None

    def _rest(self) -> None:
        self._failures = 0
        pause = min(COST_FACTOR * (self._clock() - self._began), LONGEST_INTERVAL)
        self._due = self._clock() + max(self._pace.interval, pause)

    def _moves(self) -> bool:
        """Tell whether a batch was finished between two late answers: a queue that moves is load, not death."""
        before, self._executions = self._executions, self._triton.executions(self._model, PATIENCE)
        return before is not None and self._executions is not None and self._executions != before
