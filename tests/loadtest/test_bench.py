"""The order of a run, and what makes it fail."""

import pytest

from loadtest.bench import Duration, measure
from loadtest.disturbance import Disturbance
from loadtest.errors import LoadTestError
from loadtest.figures import Figure, Kind, Load, Subject
from loadtest.meter import Round, Span

SPAN = Span(0.1, 0.2)


def figure(
    name: str, calls: list[tuple[str, Span]], errors: int = 0, requests: int = 10, until: int | None = None
) -> Figure:
    """Return a figure whose drive notes that it was called; after `until` calls, somebody presses Ctrl-C."""

    def drive(span: Span) -> Round:
        if len(calls) == until:
            raise KeyboardInterrupt
        calls.append((name, span))
        return Round(requests, span.seconds, errors, 1.0, 2.0)

    return Figure(Subject(Kind.HTTP, name, "engine"), "64 connections", Load(64), "driver", drive)


def test_figures_take_turns() -> None:
    """Every figure is measured once before any is measured again, and each step is announced."""
    calls: list[tuple[str, Span]] = []
    steps: list[tuple[str, int, int]] = []
    figures = [figure("a", calls), figure("b", calls)]
    found = measure(figures, Duration(2, SPAN), lambda *step: steps.append(step), Disturbance())
    assert calls == [("a", SPAN), ("b", SPAN)] * 2
    assert [(each.group, len(each.rounds)) for each in found] == [("a", 2), ("b", 2)]
    assert [done for _, done, total in steps if total == 4] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("until", "complete"), [(2, 1), (3, 1), (4, 2), (5, 2)])
def test_interrupt_keeps_the_turns_that_are_complete(until: int, complete: int) -> None:
    """What one figure has more than the others is dropped: medians are of the same turns."""
    calls: list[tuple[str, Span]] = []
    figures = [figure("a", calls, until=until), figure("b", calls, until=until)]
    found = measure(figures, Duration(3, SPAN), lambda *_: None, Disturbance())
    assert [len(each.rounds) for each in found] == [complete, complete]


def test_interrupt_before_a_turn_is_complete_leaves_nothing() -> None:
    """A report without some of its figures would be none."""
    calls: list[tuple[str, Span]] = []
    figures = [figure("a", calls, until=1), figure("b", calls, until=1)]
    with pytest.raises(KeyboardInterrupt):
        measure(figures, Duration(3, SPAN), lambda *_: None, Disturbance())


@pytest.mark.parametrize(("errors", "requests"), [(1, 10), (0, 0)])
def test_a_single_failure_ends_the_run(errors: int, requests: int) -> None:
    """Neither failed requests nor a round without any become figures."""
    calls: list[tuple[str, Span]] = []
    figures = [figure("Gateway", calls, errors, requests), figure("never", calls)]
    with pytest.raises(LoadTestError, match=f"Gateway, 64 connections: {errors} requests failed"):
        measure(figures, Duration(1, SPAN), lambda *_: None, Disturbance())
    assert len(calls) == 1
