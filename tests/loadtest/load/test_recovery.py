"""Waiting for a service to recover from a step."""

import pytest

from loadtest.errors import LoadTestError
from loadtest.load.interrupts import Interrupts
from loadtest.load.recovery import wait_until_fast
from loadtest.load.report import Target
from loadtest.load.service import Answer, Pace
from loadtest.openloop.fleet import Fleet

USUAL = 0.02


class Recovering:
    """A service whose answers take these seconds, one after the other; None stands for a refusal."""

    def __init__(self, *takes: float | None) -> None:
        self.target = Target(url="http://service", protocol="http", what="faq", batch=1)
        self.asked = 0
        self._takes = takes

    def ask(self) -> Answer:
        seconds = self._takes[min(self.asked, len(self._takes) - 1)]
        self.asked += 1
        if seconds is None:
            raise LoadTestError("answers 503", "wait")
        return Answer(seconds, {})

    def start(self, pace: Pace) -> Fleet:
        raise NotImplementedError


def wait(service: Recovering, interrupts: Interrupts | None = None) -> None:
    """Wait a moment at most."""
    wait_until_fast(service, USUAL, lambda *_: None, interrupts or Interrupts(), longest=0.35)


@pytest.mark.parametrize(("takes", "asked"), [((0.03,), 1), ((None, 0.5, 0.03), 3), ((None, None, 0.02), 3)])
def test_next_step_begins_when_answers_are_fast_again(takes: tuple[float | None, ...], asked: int) -> None:
    """Refusals and slow answers are waited for."""
    service = Recovering(*takes)
    wait(service)
    assert service.asked == asked


def test_service_that_stays_slow_is_not_waited_for_for_ever() -> None:
    """The next step shows what it does."""
    service = Recovering(0.5)
    wait(service)
    assert service.asked > 1


def test_service_that_answers_no_more_ends_the_run() -> None:
    """Its last word is told."""
    with pytest.raises(LoadTestError, match="has not recovered from the load: answers 503"):
        wait(Recovering(None))


def test_interrupted_wait_ends_at_once() -> None:
    """Nothing is asked any more."""
    service, interrupts = Recovering(None), Interrupts()
    interrupts.happened = True
    wait(service, interrupts)
    assert service.asked == 0
