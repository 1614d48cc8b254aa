"""The report in words and tables."""

from collections.abc import Callable, Sequence

from loadtest import table
from loadtest.cost.notes import notes
from loadtest.cost.pools import Node, pool
from loadtest.cost.report import Advice, CostReport, Line, ModelCost
from loadtest.table import Grid, Row
from loadtest.wording import per_second

_UNKNOWN, _NOTHING = "?", ""


def money(value: float) -> str:
    """Return an amount with as many digits as a reader can use."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.3g}"


def short(name: str) -> str:
    """Return a size's name without what all of Azure's have in common."""
    return name.removeprefix("Standard_")


def grids(report: CostReport) -> list[Grid]:
    """Return a table for each model."""
    return [grid(report, model) for model in report.models]


def grid(report: CostReport, model: ModelCost) -> Grid:
    """Return a model's table: sizes without GPUs, then those with."""
    unit, currency = model.rate.unit, report.currency
    head = (
        "node", "vCPU", "GPU", f"{currency}/h", f"{unit}/s", "per vCPU/GPU",
        f"{currency}/million", f"{report.utilisation:.0%} busy", "break-even",
    )  # fmt: skip
    sections = [[_row(line) for line in part] for part in (model.processors, model.accelerators) if part]
    return Grid(title(model), head, sections, words=1)


def title(model: ModelCost) -> str:
    """Return what a model is, and on what engine."""
    return f"{model.rate.title} ({model.rate.engine})"


def _row(line: Line) -> Row:
    size = line.size
    gpus = f"{size.gpus} {size.gpu}" if size.gpus else _NOTHING
    rates = (_shown(line.per_s, per_second), _shown(line.per_part, per_second))
    prices = (_shown(line.million, money), _shown(line.million_used, money))
    must = _NOTHING if line.break_even_per_s is None else per_second(line.break_even_per_s)
    return (short(size.name), str(size.vcpus), gpus, f"{size.hourly:g}", *rates, *prices, must)


def _shown(value: float | None, wording: Callable[[float], str]) -> str:
    return _UNKNOWN if value is None else wording(value)


def verdict(report: CostReport, model: ModelCost) -> list[str]:
    """Return what the table of a model comes to, as sentences."""
    if not model.accelerators:
        return []
    unit, best = model.rate.unit, short(model.processors[0].size.name)
    if model.needs_no_gpu:
        return [_no_gpu(model)]
    unknown = ", ".join(short(line.size.name) for line in model.accelerators if line.per_s is None)
    measured = [_of_gpu(report, line, unit) for line in model.accelerators if line.per_s is not None]
    hint = "python -m loadtest.gpu_check measures it, --gpu-rate says it"
    missing = f"Not measured: {unknown}. Each is cheaper than {best} above its break-even ({hint})."
    return [*measured, missing] if unknown else measured


def _no_gpu(model: ModelCost) -> str:
    nearest = max(model.accelerators, key=lambda line: (line.most_per_s or 0) / (line.break_even_per_s or 1))
    most, must = per_second(nearest.most_per_s or 0), per_second(nearest.break_even_per_s or 0)
    name, unit = short(nearest.size.name), model.rate.unit
    return (
        f"{unit.capitalize()} need no GPU, at any load: it would take the model off the processors, not HTTP and "
        f"queues. If the model took no time, {name} would serve {most} {unit}/s at most; to be cheaper it has to serve "
        f"{must}."
    )


def _of_gpu(report: CostReport, line: Line, unit: str) -> str:
    name, per_s = short(line.size.name), per_second(line.per_s or 0)
    if line.cheaper_above_per_s is None:
        return f"{name} never is cheaper than without GPU: it serves {per_s} {unit}/s, less than its break-even."
    if not line.cheaper_above_per_s:
        return f"{name} is cheaper than without GPU, at any load."
    above = per_second(line.cheaper_above_per_s)
    return f"{name} is cheaper than without GPU above {above} {unit}/s, in pools of {report.least_nodes} nodes or more."


def advice(report: CostReport, model: ModelCost) -> list[str]:
    """Return the pool for the load that was asked for, as sentences."""
    found = model.advice
    if found is None:
        return []
    unit, currency = model.rate.unit, report.currency
    load, pools = per_second(found.load_per_s), f"{found.nodes} x {short(found.size)}"
    chosen = f"For {load} {unit}/s: {pools}, {money(found.monthly)} {currency} a month, busy for {found.busy:.0%}."
    following = [
        f"Next: {nodes} x {short(name)}, {money(monthly)} {currency}." for name, nodes, monthly in found.others[:1]
    ]
    return [" ".join([chosen, *following, *_without_gpu(report, model, found)])]


def _without_gpu(report: CostReport, model: ModelCost, found: Advice) -> list[str]:
    """Say that no pool with GPUs can be cheaper, where that holds whatever they serve."""
    unlimited = [Node(line.size.name, line.size.hourly, float("inf")) for line in model.accelerators]
    if not unlimited:
        return []
    smallest = min((pool(node, found.load_per_s, report.plan) for node in unlimited), key=lambda each: each.monthly)
    if model.needs_no_gpu or smallest.monthly <= found.monthly:
        return []
    pools = f"{smallest.nodes} x {short(smallest.node.name)} cost {money(smallest.monthly)} {report.currency}"
    return [f"No pool with GPUs is cheaper at this load, however fast: {pools}."]


def summary(report: CostReport) -> Sequence[tuple[ModelCost, list[str]]]:
    """Return each model with its advice and its verdict."""
    return [(model, [*advice(report, model), *verdict(report, model)]) for model in report.models]


def document(report: CostReport) -> str:
    """Return the tables in Markdown, with the notes."""
    return table.document(grids(report), " ".join(notes(report)))
