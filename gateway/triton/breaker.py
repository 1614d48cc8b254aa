"""A circuit breaker: who has failed several times in a row is left alone for a while, then tried with one call.

It guards one model of one Triton, since one backend may die behind a server that lives. Times are of `time.monotonic`.
"""

import random
from enum import IntEnum
from math import inf

# Failures in a row that open it. A call that waited in vain counts for two: each of those kept people waiting.
_LIMIT = 3
_IN_VAIN = 2

# A call that ends without an answer after less time than this says nothing: its caller was in a hurry. Nor does one
# that had not yet lasted some times as long as the last one that was answered: large batches take their time.
_LEAST_PATIENCE = 2.0
_PATIENCE_TIMES = 3.0

# Seconds without calls: doubled each time that the trial fails, or that it opens again soon after it closed. The
# longest keeps the way back short, and costs a dead model no more than one call in that time.
_SHORTEST_PAUSE = 0.25
_LONGEST_PAUSE = 1.0
_JITTER = 0.2  # so that several gateways do not try in step
_STEADY = 10.0


class State(IntEnum):
    """Of a breaker; the numbers are those of its gauge."""

    CLOSED = 0  # calls go through
    HALF_OPEN = 1  # one call tries
    OPEN = 2  # no call goes through


class Breaker:
    """Told of every call's end; says whether the next one may be made."""

    __slots__ = ("_answered", "_closed", "_failures", "_pause", "due", "state", "took")

    def __init__(self) -> None:
        self.state = State.CLOSED
        self.due = 0.0  # when it may be tried again, while it is not closed
        self.took = 0.0  # seconds of the last call that was answered
        self._answered = -inf
        self._closed = -inf
        self._failures = 0
        self._pause = _SHORTEST_PAUSE

    def begin(self, now: float) -> bool:
        """Note a call that is made now, closed or due; tell whether it is the trial."""
        if self.state is State.CLOSED:
            return False
        self.state = State.HALF_OPEN
        self.due = now + self._patience()  # then another one may try: this one may have been lost
        return True

    def answered(self, started: float, now: float) -> None:
        """Note that a call was answered: whatever else happened, the model lives."""
        self.took = now - started
        self._answered = now
        self._failures = 0
        if self.state is not State.CLOSED:
            self.state = State.CLOSED
            self._closed = now

    def failed(self, now: float, *, trial: bool, failures: int = 1) -> None:
        """Note that a call failed."""
        self._failures += failures
        if self._failures >= _LIMIT if self.state is State.CLOSED else trial:
            self._open(now)

    def gave_up(self, started: float, now: float, *, trial: bool) -> None:
        """Note that a call ended without an answer: its time was over, or nobody waited for it any longer."""
        if now - started >= self._patience() and self._answered <= started:
            self.failed(now, trial=trial, failures=_IN_VAIN)
        elif trial and self.state is State.HALF_OPEN:
            self.state = State.OPEN
            self.due = now

    def _patience(self) -> float:
        return max(_LEAST_PATIENCE, self.took * _PATIENCE_TIMES)

    def _open(self, now: float) -> None:
        if self.state is State.CLOSED and now - self._closed >= _STEADY:
            self._pause = _SHORTEST_PAUSE
        self.state = State.OPEN
        self.due = now + self._pause * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - nothing secret
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
