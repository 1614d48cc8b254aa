"""Decide from repeated inferences whether Triton still works."""

from collections.abc import Callable
from itertools import cycle

from standalone.inference import Call, Triton

INTERVAL = 1.0  # seconds between inferences
DEADLINE = 5.0
FAILURES = 2  # in a row, before Triton counts as dead
# An inference that takes long is asked for rarely: watching may cost 5 % of a core at most.
COST_FACTOR = 20
LONGEST_INTERVAL = 10.0  # however long an answer had to wait behind others


class InferenceWatch:
    """Keeps one inference under way, of one model after the other, without ever waiting for it.

    `clock` returns seconds, and so are interval and deadline in seconds.
    """

    def __init__(
        self,
        triton: Triton,
        models: tuple[str, ...],
        clock: Callable[[], float],
        *,
        interval: float = INTERVAL,
        deadline: float = DEADLINE,
    ) -> None:
        self._triton = triton
        self._models = cycle(models)
        self._clock = clock
        self._interval = interval
        self._deadline = deadline
        self._call: Call | None = None
        self._began = self._due = clock() + interval
        self._failures = 0
        self._executions: int | None = None

    def fault(self) -> str | None:
        """Take one look; return why Triton has to be restarted, None as long as it need not be."""
        if self._call is None:
            if self._clock() >= self._due:
                self._began = self._clock()
                self._call = self._triton.infer(next(self._models), self._deadline)
            return None
        return self._judge(self._call) if self._call.done() else None

    def _judge(self, call: Call) -> str | None:
        fault, self._call = call.fault(), None
        if fault is None:
            self._executions = None
        if fault is None or (fault.late and self._moves()):
            self._rest()
            return None
        self._failures += 1
        return f"{fault.model}: {fault.reason}" if self._failures >= FAILURES else None

    def _rest(self) -> None:
        self._failures = 0
        pause = min(COST_FACTOR * (self._clock() - self._began), LONGEST_INTERVAL)
        self._due = self._clock() + max(self._interval, pause)

    def _moves(self) -> bool:
        """Tell whether a batch was finished between two late answers: a queue that moves is load, not death."""
        before, self._executions = self._executions, self._triton.executions(self._deadline)
        return before is not None and self._executions is not None and self._executions != before
