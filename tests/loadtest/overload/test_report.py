"""How an overload run is read."""

from pathlib import Path

import msgspec

from loadtest import facts, table
from loadtest.facts import Facts
from loadtest.openloop.schedule import Phase, constant
from loadtest.overload import view
from loadtest.overload.memory import Memory
from loadtest.overload.report import Course, OverloadReport, judge, report
from tests.loadtest.openloop.outcomes import outcome

COURSE = Course(10.0, 20.0, 30.0)


def made(refused_after: float = 0.005, grown: float = 1.0, slow_until: float = 20.0) -> OverloadReport:
    """Return a report of 7, 30 and 7 requests/s, where 10 can be done; the overload's are slow until `slow_until`."""
    rows = []
    for place, due in enumerate(constant([Phase(7, 10), Phase(30, 10), Phase(7, 10)]).tolist()):
        if 10 <= due < 20 and place % 3:
            rows.append((due, refused_after, 503))
        else:
            rows.append((due, 0.25 if 10 <= due < slow_until else 0.1, 200))
    times = [float(second) for second in range(30)]
    sizes = [100.0 * (grown if second >= 15 else 1.0) for second in range(30)]
    return report(
        facts.facts(facts.before()), title="Images", unit="images", batch=1, services={}, course=COURSE, peak=10.0,
        outcome=outcome(*rows), memory=Memory(times, sizes),
    )  # fmt: skip


def missed(seen: OverloadReport) -> list[str]:
    """Return what of the goals was missed."""
    return [goal.what for goal in judge(seen) if not goal.met]


def test_service_that_bears_it_meets_all_goals() -> None:
    """A third answered, 2.5 times slower, the others refused at once, flat memory, normal at once afterwards."""
    seen = made()
    assert missed(seen) == []
    assert (seen.normal.p99_ms, seen.overload.p99_ms, seen.recovery_s) == (100, 250, 0)
    assert (seen.line.offered[15], seen.line.answered[15], seen.line.refused[15]) == (30, 10, 20)


def test_each_goal_can_be_missed() -> None:
    """Slow refusals, memory that grows, and answers that stay slow are each told."""
    assert missed(made(refused_after=0.5)) == ["refusals answered, p99"]
    assert missed(made(grown=1.2)) == ["memory of the gateway, end against begin of the overload"]
    assert missed(made(slow_until=25.0)) == ["p50 normal after the overload"]


def test_report_survives_its_file_and_is_shown() -> None:
    """JSON and back; the table has a row for each phase."""
    seen = made()
    assert msgspec.json.decode(msgspec.json.encode(seen), type=OverloadReport) == seen
    text = table.document(view.grids(seen), view.notes(seen))
    assert "| 3 times the peak, 10 s | 30.0 | 9.7 | 20.0 | 0 |" in text
    assert "p50 was normal again 0.0 s after the overload" in text


def test_picture_is_drawn(tmp_path: Path) -> None:
    """A PNG of some size."""
    view.draw(made(), tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_facts_name_the_machine() -> None:
    """Every report says what it was made with."""
    seen = facts.facts(facts.before())
    assert isinstance(seen, Facts)
    assert seen.hardware.cores >= 1
    assert "triton" not in seen.versions
