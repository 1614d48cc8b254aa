"""A run of `scoring tune` as an HTML page."""

from collections.abc import Iterator

from loadtest.page import provenance
from loadtest.page.layout import Callout, Code, Details, Part, Section, Tile, Tiles, page
from loadtest.tune import explanation, pareto, view
from loadtest.tune.goal import Goal
from loadtest.tune.report import TuneReport, doubts
from loadtest.wording import milliseconds, per_second


def html(report: TuneReport, goal: Goal) -> str:
    """Return the page; a run that was interrupted shows what it has."""
    setup = report.setup
    size = "" if setup.list_size == 1 else f", {setup.list_size} {report.unit} in a request"
    lead = f"{setup.goal}{size}; {report.created[:16].replace('T', ' ')}"
    sections = [Section("", list(_verdict(report, goal)))]
    if any(each.steps for each in report.trials):
        sections.append(Section("Throughput against latency", [pareto.picture(report, goal)]))
    sections.append(Section("All variants", [view.grid(report, goal), view.notes(report)]))
    if report.config:
        sections.append(Section("The config", [Details("config.pbtxt of the best variant", [Code(report.config)])]))
    sections.append(provenance.section(report.facts, report.facts.sentences(how(report))))
    return page(f"Batch config of {setup.model}", lead, sections)


def how(report: TuneReport) -> str:
    """Return how the server and the load generator shared the machine."""
    setup = report.setup
    if setup.pod is None:
        return f"the load generator's; Triton at {setup.server}"
    used = f"{setup.cores} of them for Triton"
    return f"{used}, shared with the load generator" if setup.shared else f"{used}, others for the load generator"


def _verdict(report: TuneReport, goal: Goal) -> Iterator[Part]:
    if report.best is None:
        if report.interrupted or not report.finalists:
            yield Callout("doubt", "The run was interrupted: there is no verdict.")
        else:
            yield Callout("bad", explanation.unreachable(report.trials, goal, report.unit))
        return
    result, *further = report.why
    yield Callout("good", result, further)
    yield from (Callout("doubt", each) for each in doubts(report))
    yield Tiles(list(_tiles(report, goal)))


def _tiles(report: TuneReport, goal: Goal) -> Iterator[Tile]:
    assert report.best is not None
    for name, variant in {"default": report.setup.default, "best": report.best}.items():
        if name == "default" and variant == report.best:
            continue
        trial = report.trial(variant)
        step = explanation.telling(trial)
        if step is None or step.p99_ms is None or not step.met:
            yield Tile(name, "none", "held no rate twice", "bad")
            continue
        if goal.rate is None:
            yield Tile(name, f"{per_second(goal.score(trial))}/s", f"{report.unit} within the limit")
        else:
            yield Tile(name, f"{milliseconds(-goal.score(trial))} ms", f"p99 at {goal.rate:g} {report.unit}/s")
        yield Tile(f"{name}: batch", f"{step.executed.batch:.1f}", f"{report.unit} on average")
