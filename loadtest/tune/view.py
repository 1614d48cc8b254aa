"""A run as a table: one row for each variant, the best first."""

from collections.abc import Collection, Sequence
from math import inf

from loadtest.table import Grid, Row
from loadtest.tune.explanation import telling
from loadtest.tune.goal import Goal
from loadtest.tune.measured import Trial
from loadtest.tune.report import TuneReport
from loadtest.tune.variant import delay
from loadtest.wording import milliseconds, per_second

_NOTHING = ""


def grid(report: TuneReport, goal: Goal, most: int | None = None) -> Grid:
    """Return the table; `most` limits its rows. An engine that all have in common is not repeated."""
    engines = {each.variant.computing for each in report.trials}
    tried = [each for each in report.trials if each.bursts or each.search]
    tried.sort(key=lambda each: _place(each, report, goal))
    rows = [[_row(each, report, goal) for each in tried if bool(each.dropped) is dropped] for dropped in (False, True)]
    if most is not None:
        rows = [rows[0][:most], rows[1][: max(0, most - len(rows[0]))]]
    first = 0 if len(engines) > 1 else 1
    sections = [[row[first:] for row in part] for part in rows if part]
    return Grid(_title(report, engines), _head(goal)[first:], sections, words=2 - first)


def _title(report: TuneReport, engines: Collection[str]) -> str:
    engine = f" ({next(iter(engines))})" if len(engines) == 1 else ""
    return f"{report.setup.model}{engine}: {report.setup.goal}"


def _head(goal: Goal) -> Row:
    held = "held /s" if goal.rate is None else "held"
    return (
        "engine", "cores", "max batch", "delay", "burst /s", held, "p99 ms", "queue ms", "compute ms", "batch", "",
    )  # fmt: skip


def notes(report: TuneReport) -> str:
    """Return what the columns mean, and what was not tried."""
    untried = sum(not (each.bursts or each.search) for each in report.trials)
    missing = f" {untried} more were not tried: there was no time (--budget)." if untried else ""
    return (
        f"Cores: instances x threads of each. Burst: {report.unit}/s while as many are asked as may wait; held: with "
        f"random arrivals; latencies and batches (in {report.unit}) are those of the highest rate that was held."
        f"{missing}"
    )


def _place(trial: Trial, report: TuneReport, goal: Goal) -> tuple[bool, bool, float, float]:
    return (trial.variant != report.best, trial.variant not in report.finalists, -goal.score(trial), -trial.capacity)


def _row(trial: Trial, report: TuneReport, goal: Goal) -> Row:
    step, variant = telling(trial), trial.variant
    executed = step.executed if step else (trial.bursts[-1].executed if trial.bursts else None)
    return (
        variant.computing,
        f"{variant.instances} x {variant.threads}",
        f"{variant.max_batch_size}" if variant.max_batch_size else "no merging",
        delay(variant.queue_delay_us) if variant.max_batch_size else _NOTHING,
        per_second(trial.capacity) if trial.bursts else _NOTHING,
        _held(trial, goal),
        _NOTHING if step is None or step.p99_ms is None else milliseconds(step.p99_ms),
        milliseconds(executed.queue_ms) if executed else _NOTHING,
        milliseconds(executed.compute_ms) if executed else _NOTHING,
        f"{executed.batch:.1f}" if executed else _NOTHING,
        _remark(trial, report),
    )


def _held(trial: Trial, goal: Goal) -> str:
    if not trial.steps:
        return _NOTHING
    score = goal.score(trial)
    if goal.rate is not None:
        return "yes" if score > -inf else "no"
    return per_second(score) if score > -inf else "none"


def _remark(trial: Trial, report: TuneReport) -> str:
    words: Sequence[str] = [
        *(["best"] if trial.variant == report.best else []),
        *(["default"] if trial.variant == report.setup.default else []),
        *([trial.dropped] if trial.dropped else []),
    ]
    return ", ".join(words)
