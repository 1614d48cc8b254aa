"""The report of the driver's own test."""

from loadtest.environment import Hardware
from loadtest.facts import Facts
from loadtest.openloop.self_check.report import DriverReport, Held, Seen, grids, judge, notes

HARDWARE = Hardware(cpu="CPU", cores=2, memory_gib=8, system="Linux", load_average=0.1)
FACTS = Facts(created="2026-01-01T00:00:00+00:00", command="x", hardware=HARDWARE, versions={}, revision=None)


def held(rate: float, *why: str, percentiles: tuple[float, ...] = (1, 2, 3)) -> Held:
    """A rate that was tried."""
    return Held(offered=rate, seen=Seen(rate, [*percentiles]), lag_p99_ms=0.1, busy=0.5, starved=0, why=[*why])


def report(*tried: Held, by_driver: Held) -> DriverReport:
    """A run in which wrk saw 10, 15 and 16 ms."""
    return DriverReport(
        facts=FACTS, processes=2, seconds=5, limit=Seen(50_000, [1, 2, 3]), held=[*tried], disturbance=0.0,
        known=Seen(3000, [10, 15, 16]), by_wrk=Seen(3000, [10, 15, 16]), by_driver=by_driver,
    )  # fmt: skip


def test_highest_rate_without_doubts_counts() -> None:
    """Not one that was tried in vain; the second attempt of a rate is as good as the first."""
    exact = held(3000, percentiles=(10, 15, 16))
    seen = report(held(10_000), held(15_000, "late"), held(15_000), held(20_000, "late"), by_driver=exact)
    assert seen.best == 15_000
    assert [goal.met for goal in judge(seen)] == [True] * 4
    assert judge(report(held(10_000, "late"), by_driver=exact))[0].met is False


def test_percentiles_have_to_be_near_those_of_wrk() -> None:
    """Above or below: 4 % are near, 6 % are not."""
    seen = report(held(15_000), by_driver=held(3000, percentiles=(9.6, 14.1, 16.96)))
    assert [round(each, 1) for each in seen.deviations] == [4.0, 6.0, 6.0]
    assert [goal.met for goal in judge(seen)] == [True, True, False, False]


def test_tables_show_what_was_not_held_and_why() -> None:
    """A row for each rate; doubts about the comparison are loud."""
    seen = report(held(15_000), held(20_000, "sent late"), by_driver=held(3000, "too busy"))
    rates, latencies = grids(seen)
    assert [row[0] for row in rates.sections[1]] == ["held", "not held: sent late"]
    assert [row[0] for row in latencies.sections[0]] == ["the server itself", "wrk", "the driver"]
    assert "NOT VALID: too busy." in notes(seen)
