"""What safety takes from the throughput."""

import msgspec
import pytest

from loadtest import facts, table
from loadtest.meter import Round
from loadtest.overhead.report import Compared, OverheadReport, grids, judge, notes


def made(*ratios: float) -> OverheadReport:
    """Return a report of two gateways on a machine whose speed changes from round to round."""
    speeds = [1000.0, 500.0, 2000.0]
    base = [Round(int(speed), 1.0, 0, 1.0, 2.0) for speed in speeds]
    keyed = [Round(int(speed * ratio), 1.0, 0, 1.0, 2.0) for speed, ratio in zip(speeds, ratios, strict=True)]
    return OverheadReport(
        facts=facts.facts(facts.before()), workload="single questions", driver="wrk", disturbance=0.01,
        compared=[Compared("bare", base), Compared("keys and quotas", keyed)],
    )  # fmt: skip


def test_ratio_is_that_of_rounds_side_by_side() -> None:
    """However the machine's speed changes, each round is held against its neighbour."""
    report = made(0.95, 0.94, 0.5)
    assert report.ratio(report.compared[1]) == pytest.approx(0.94)
    assert [goal.met for goal in judge(report)] == [True]
    assert [goal.met for goal in judge(made(0.8, 0.85, 0.95))] == [False]


def test_report_survives_its_file_and_is_shown() -> None:
    """JSON and back; a row for each gateway."""
    report = made(0.95, 0.95, 0.95)
    assert msgspec.json.decode(msgspec.json.encode(report), type=OverheadReport) == report
    assert "| keys and quotas | 950 | 1.00 | 2.00 | 95.0% |" in table.document(grids(report), notes(report))
