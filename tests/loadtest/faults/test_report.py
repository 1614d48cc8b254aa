"""What faults did to requests."""

from pathlib import Path

import msgspec

from loadtest import facts, table
from loadtest.faults import view
from loadtest.faults.report import FaultsReport, Sent, Struck, effect, judge, scene
from loadtest.openloop.outcome import CLOSED, LATE
from tests.loadtest.openloop.outcomes import outcome

KILLED = Struck("Triton killed", "kill -9", since=10, until=10, watched_until=30, calm_since=0)
RESTARTED = Struck("gateway 1 restarted", "SIGTERM", since=10, until=12, watched_until=30, calm_since=0, lossless=True)


def sent(*failures: tuple[float, float, int]) -> Sent:
    """Return ten requests/s for 30 s, all answered after 10 ms but those."""
    failed = {due for due, _, _ in failures}
    rows = [(place / 10, 0.01, 200) for place in range(300) if place / 10 not in failed]
    return Sent("FAQ, HTTP", 10, outcome(*sorted([*rows, *failures])))


def report(*failures: tuple[float, float, int], struck: Struck = KILLED) -> FaultsReport:
    """Return the report of one stream that one fault struck."""
    return FaultsReport(facts.facts(facts.before()), [scene("one machine", {}, [sent(*failures)], [struck], 30)])


def test_failures_are_told_apart() -> None:
    """An error in time is an answer, a closed connection is known at once; silence and lateness are neither."""
    seen = effect(
        sent((10.5, 0.001, 503), (10.6, 5.1, 504), (10.7, 0.1, CLOSED), (10.8, 8, LATE), (10.9, 6, 504)), KILLED
    )
    assert (seen.requests, seen.lost, seen.cut_off, seen.unanswered_in_time) == (200, 5, 1, 2)
    assert seen.slowest_failure_ms == 8000
    assert seen.p50_before_ms == 10
    assert seen.statuses == {"504": 2, "503": 1, "200": 195, "no reply": 1, "connection refused or closed": 1}


def test_recovery_counts_from_the_end_of_the_fault() -> None:
    """Every answer slow until 3 s after it."""
    slow = [(place / 10, 0.9, 200) for place in range(100, 130)]
    seen = effect(sent(*slow), KILLED)
    assert seen.recovery_s is not None
    assert 2 < seen.recovery_s <= 3


def test_failure_in_time_is_no_missed_goal() -> None:
    """Only where nothing may be lost."""
    assert all(goal.met for goal in judge(report((10.5, 0.001, 503))))
    (goal,) = judge(report((10.5, 0.001, 503), struck=RESTARTED))
    assert not goal.met
    assert all(goal.met for goal in judge(report(struck=RESTARTED)))


def test_silence_and_no_recovery_are_missed_goals() -> None:
    """A request that nobody answers, and a service that stays down."""
    down = [(place / 10, 8.0, LATE) for place in range(100, 300)]
    assert [goal.met for goal in judge(report(*down))] == [False, False]


def test_report_survives_its_file_and_is_shown(tmp_path: Path) -> None:
    """JSON and back; a row for each stream, a picture."""
    seen = report((10.5, 0.001, 503))
    assert msgspec.json.decode(msgspec.json.encode(seen), type=FaultsReport) == seen
    text = table.document(view.grids(seen), view.notes(seen))
    assert "| Triton killed | FAQ, HTTP | 200 | 199 | 1 | 0 | 1.00 | 10.00 | 0.0 |" in text
    view.draw(seen, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
