"""What a run says, and its exit code."""

from collections.abc import Sequence

from loadtest.load import plan
from loadtest.load.conclusion import Conclusion, conclude
from loadtest.load.report import Step
from loadtest.meter import Span
from tests.loadtest.load.reports import SLO, report, step, without_slo

SPAN = Span(1, 10)
DOUBT = "the driver used 97% of a core"


def ramped(steps: Sequence[Step], *, batch: int = 1, interrupted: bool = False) -> Conclusion:
    """The conclusion of a ramp that took these steps."""
    planned = plan.plan([], "100:5000", SLO, SPAN, "poisson", 1)
    return conclude(report(steps, batch=batch, interrupted=interrupted), planned)


def held(*steps: Step) -> Conclusion:
    """The conclusion of a run of these rates."""
    return conclude(report(steps), plan.plan([each.rate for each in steps], "", SLO, SPAN, "poisson", 1))


def test_limit_is_told_with_what_happens_above_it() -> None:
    """The rate that holds and its p99, the next one and why it does not."""
    found = ramped([step(1000, 10), step(1500, 38), step(2000, 812), step(2000, 700)])
    assert found.code == 0
    assert found.sentences[0] == (
        "The highest rate that meets p99<50ms, errors<1%, refused<1% is 1,500 requests/s (p99 38.00 ms). "
        "At 2,000 requests/s the SLO is missed: p99<50ms (812.00 ms)."
    )


def test_slo_that_cannot_be_met_names_the_lowest_rate() -> None:
    """Exit code 1, and how far from it the service is."""
    found = ramped([step(100, 83), step(100, 90)])
    assert found.code == 1
    assert "No rate that was tried meets the SLO. At 100 requests/s" in found.sentences[0]
    assert "83.00 ms" in found.sentences[0]


def test_limit_above_the_ramp_is_told() -> None:
    """The rate found is what was tried, not what the service bears."""
    found = ramped([step(1000, 10), step(5000, 12)])
    assert found.code == 0
    assert "All rates up to 5,000 requests/s" in found.sentences[0]


def test_limit_of_the_driver_is_never_called_the_service_s() -> None:
    """It is told as what it is, with what to do."""
    found = ramped([step(1000, 10), step(1500, 812, DOUBT), step(1500, 812, DOUBT)])
    assert found.code == 0
    assert "At least 1,000 requests/s" in found.sentences[0]
    assert f"the driver is the limit, not the service ({DOUBT})" in found.sentences[0]
    assert "--processes" in found.sentences[0]
    assert "highest" not in found.sentences[0]


def test_one_doubtful_attempt_is_enough_to_doubt_the_limit() -> None:
    """Whichever of the two it is."""
    attempts = [step(1500, 80), step(1500, 80, DOUBT)]
    for tried in (attempts, attempts[::-1]):
        assert "At least 1,000 requests/s" in ramped([step(1000, 10), *tried]).sentences[0]


def test_bound_that_is_kept_in_spite_of_a_doubtful_driver_is_kept() -> None:
    """A late driver makes latencies look longer; the figures are told to be no better than it."""
    for found in (ramped([step(1000, 10), step(1500, 20, DOUBT), step(2000, 80)]), held(step(1500, 20, DOUBT))):
        assert found.code == 0
        assert "1,500 requests/s" in found.sentences[0]
        assert found.sentences[1].startswith(f"The driver disturbed the figures at 1,500 requests/s ({DOUBT})")


def test_driver_that_cannot_send_the_lowest_rate_says_nothing_of_the_service() -> None:
    """There is no rate that was found, and none that was missed."""
    found = ramped([step(100, 80, DOUBT), step(100, 80, DOUBT)])
    assert found.code == 1
    assert found.sentences[0].startswith("At 100 requests/s the driver is the limit")


def test_each_rate_that_was_asked_for_is_judged() -> None:
    """One sentence for each; all have to hold."""
    assert held(step(100, 10), step(200, 20)).code == 0
    found = held(step(100, 10), step(200, 60))
    assert found.code == 1
    assert [text.split()[6] for text in found.sentences] == ["met:", "missed:"]


def test_rate_that_the_driver_could_not_send_is_not_met() -> None:
    """Nothing was proven."""
    assert held(step(100, 80, DOUBT)).code == 1


def test_run_without_an_slo_is_only_told_what_the_driver_doubts() -> None:
    """Exit code 0: figures were asked for."""
    planned = plan.plan([100], "", "", SPAN, "poisson", 1)
    assert conclude(without_slo(report([step(100, 10)])), planned) == Conclusion([], 0)
    (doubt,) = conclude(without_slo(report([step(100, 10, DOUBT)])), planned).sentences
    assert DOUBT in doubt


def test_interrupted_run_says_so() -> None:
    """What was found until then is told, with the exit code of Ctrl-C."""
    found = ramped([step(100, 10)], interrupted=True)
    assert found.code == 130
    assert "interrupted" in found.sentences[-1]
    assert ramped([], interrupted=True).code == 130


def test_knee_and_items_are_told() -> None:
    """Where latency turns upwards, and what the rate is in questions."""
    found = ramped([step(100, 8), step(200, 9), step(400, 10), step(600, 12), step(800, 90)], batch=32)
    assert "Latency turns upwards beyond 600 requests/s, where the mean is 4.00 ms." in found.sentences
    assert "600 requests/s with 32 in each are 19,200 items/s." in found.sentences
