"""The circuit breaker, told of calls and times."""

import pytest

from gateway.triton.breaker import Breaker, State


def state(breaker: Breaker) -> State:
    """The state, which changes from one look to the next."""
    return breaker.state


def opened(now: float = 100.0) -> Breaker:
    """A breaker that three failures have opened."""
    breaker = Breaker()
    for _ in range(3):
        breaker.failed(now, trial=breaker.begin(now))
    assert state(breaker) is State.OPEN
    return breaker


def test_failures_in_a_row_open_it() -> None:
    """Two failures are forgiven when an answer follows; three in a row are not."""
    breaker = Breaker()
    for _ in range(5):
        for _ in range(2):
            breaker.failed(1.0, trial=breaker.begin(1.0))
        breaker.answered(1.0, 1.1)
    assert state(breaker) is State.CLOSED
    assert opened().due > 100.0


def test_one_call_tries_it() -> None:
    """Once it is due, the next call is the trial; an answer closes it."""
    breaker = opened()
    now = breaker.due
    assert breaker.begin(now)
    assert state(breaker) is State.HALF_OPEN
    assert breaker.due > now
    breaker.answered(now, now + 0.01)
    assert state(breaker) is State.CLOSED
    assert not breaker.begin(now + 0.02)


def test_pauses_grow() -> None:
    """Every trial that fails makes the pause longer, up to about a second."""
    breaker, pauses = opened(), list[float]()
    for _ in range(6):
        now = breaker.due
        breaker.failed(now, trial=breaker.begin(now))
        pauses.append(breaker.due - now)
    assert 0.4 <= pauses[0] <= 0.6
    assert all(0.8 <= pause <= 1.2 for pause in pauses[1:])


def test_who_relapses_waits_longer() -> None:
    """One that opens again soon after it closed goes on where it was; after a steady time it begins anew."""
    breaker = opened()
    for _ in range(3):
        now = breaker.due
        breaker.failed(now, trial=breaker.begin(now))
    breaker.answered(breaker.due, breaker.due)
    soon, later = breaker.due + 1, breaker.due + 60
    for _ in range(3):
        breaker.failed(soon, trial=breaker.begin(soon))
    assert breaker.due - soon >= 0.8
    breaker.answered(soon + 2, soon + 2)
    for _ in range(3):
        breaker.failed(later, trial=breaker.begin(later))
    assert breaker.due - later <= 0.3


def test_late_answers_and_failures() -> None:
    """The answer to a call from before closes it; a failure of one from before does not make it wait longer."""
    breaker = opened()
    due = breaker.due
    breaker.failed(100.1, trial=False)
    assert breaker.due == due
    breaker.answered(99.0, 100.2)
    assert state(breaker) is State.CLOSED


def test_two_long_waits_in_vain_open_it() -> None:
    """Calls that got no answer at all in their long time are failures, and two are enough."""
    breaker = Breaker()
    breaker.gave_up(0.0, 5.0, trial=False)
    assert state(breaker) is State.CLOSED
    breaker.gave_up(0.0, 5.0, trial=False)
    assert state(breaker) is State.OPEN


def test_impatience_says_nothing() -> None:
    """However many callers give up early, no breaker opens: anybody could close the service to all."""
    breaker = Breaker()
    for start in range(100):
        breaker.gave_up(start, start + 1.9, trial=False)
    assert state(breaker) is State.CLOSED


def test_slow_is_not_dead() -> None:
    """Calls that wait in vain while others are answered, or not much longer than the last answer took, do not count."""
    breaker = Breaker()
    for start in range(10):
        breaker.answered(start, start + 3.0)
        breaker.gave_up(start + 1.0, start + 6.0, trial=False)  # the answer above came meanwhile
        breaker.gave_up(start + 3.0, start + 11.0, trial=False)  # not three times as long as the answer took
    assert state(breaker) is State.CLOSED


@pytest.mark.parametrize("waited", [0.01, 1.0])
def test_a_trial_that_is_called_off(waited: float) -> None:
    """Where the caller of the trial left early, the next call tries at once."""
    breaker = opened()
    now = breaker.due
    assert breaker.begin(now)
    breaker.gave_up(now, now + waited, trial=True)
    assert (state(breaker), breaker.due) == (State.OPEN, now + waited)
    assert breaker.begin(now + waited)


def test_a_trial_that_is_lost() -> None:
    """A trial that neither succeeds nor fails does not keep others from trying for ever."""
    breaker = opened()
    now = breaker.due
    assert breaker.begin(now)
    assert breaker.due - now <= 3.0
    assert breaker.begin(breaker.due)


def test_a_trial_overtaken_by_an_answer() -> None:
    """A trial that fails after an answer has closed the breaker is one failure of several that it takes."""
    breaker = opened()
    trial = breaker.begin(breaker.due)
    breaker.answered(breaker.due, breaker.due)
    breaker.failed(breaker.due + 1, trial=trial)
    assert state(breaker) is State.CLOSED
