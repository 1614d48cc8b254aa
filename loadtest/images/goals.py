"""What image classification is built to reach, alone and beside the FAQ, read from a report."""

from collections.abc import Iterator

from loadtest.figures import Kind
from loadtest.goals import Goal, at_least, at_most, under
from loadtest.images.plan import MANY, MODEL
from loadtest.inventory import backend
from loadtest.report import Measured, Report, Section

SERVED_OF_LIMIT = 0.75  # decoding on the same cores included
OF_BASELINE = 3.5  # without calibration, in bf16 on AMX
OF_BASELINE_INT8 = 6.0
FAQ_P50_BESIDE = 3.0  # times its p50 alone
MEMORY_MB = 1500.0  # of the FP32 model's process


def judge(report: Report, section: Section) -> list[Goal]:
    """Return the goals with what the run gave."""
    note = _without_amx(report)
    speed = [goal for each in section.of_kind(Kind.HTTP, MANY, batch=1) for goal in _speed(section, each, note)]
    return [*speed, *_beside(report), *_memory(report)]


def _speed(section: Section, served: Measured, note: str) -> Iterator[Goal]:
    name = f"{served.group}, {served.setting}"
    of_limit, of_baseline = section.of_limit(served), section.of_baseline(served)
    if of_limit is not None:
        yield at_least(f"{name}, against the same engine's best batch in process", of_limit, SERVED_OF_LIMIT)
    if of_baseline is not None and served.engine != section.baseline:
        bound = OF_BASELINE_INT8 if served.engine.endswith("INT8") else OF_BASELINE
        yield at_least(f"{name}, against {section.baseline} in process", of_baseline, bound, note=note)


def _without_amx(report: Report) -> str:
    if report.facts.hardware.amx:
        return ""
    present = " ".join(report.facts.hardware.matrix_features or ()) or "no matrix features"
    return f" on a machine with AMX; this one has {present}"


def _beside(report: Report) -> Iterator[Goal]:
    alone: Measured | None = None
    for each in report.beside:
        if not each.others_per_s:
            alone = each.figure
        elif alone is not None:
            ratio = each.figure.p50_ms / alone.p50_ms
            note = "" if each is report.beside[-1] else " with one core left to others"
            what = f"p50 of {each.figure.group}, {each.figure.setting}, against alone"
            yield at_most(what, ratio, FAQ_P50_BESIDE, note=note)


def _memory(report: Report) -> Iterator[Goal]:
    for each in report.memory:
        if each.name == backend(MODEL):
            yield under(f"RSS of the {each.name}", each.rss_mb, MEMORY_MB, "MB")
