"""What figures and prices are from, and what is assumed."""

from loadtest.cost.pools import HOURS_PER_MONTH
from loadtest.cost.rates import Rate
from loadtest.cost.report import CostReport
from loadtest.wording import per_second


def notes(report: CostReport) -> list[str]:
    """Return what was measured, and what is assumed."""
    return [*_sources(report), *_assumptions(report), _prices(report)]


def _sources(report: CostReport) -> list[str]:
    measured = [line for model in report.models for line in model.accelerators if line.source]
    gpus = {f"{line.size.gpu}: {per_second(line.per_part or 0)} images/s a GPU, {line.source}." for line in measured}
    return [*[_source(model.rate) for model in report.models], *sorted(gpus)]


def _source(rate: Rate) -> str:
    machine = f"{rate.cores} cores ({rate.cpu}) that the load generator shared"
    what = f"{rate.title}, {rate.engine}: {per_second(rate.items_per_s)} {rate.unit}/s on {machine}"
    return f"{what}; {rate.service}; {rate.created[:10]}, {rate.source}."


def _assumptions(report: CostReport) -> list[str]:
    scaling = (
        "Assumed: throughput grows in proportion to vCPUs, whatever their make, and a vCPU does "
        f"{report.per_vcpu:.0%} of what a core of the measured machine did. With hyper-threading a vCPU is half a "
        "core: if whole cores were measured, say --per-vcpu 0.5. Measure on the size itself before you decide."
    )
    pools = (
        f"Pools have {report.least_nodes} nodes or more, each busy for {report.utilisation:.0%} at most; a month has "
        f"{HOURS_PER_MONTH} hours. Not in it: disks, traffic, load balancers, and what Kubernetes keeps of a node."
    )
    return [scaling, pools]


def _prices(report: CostReport) -> str:
    sizes = [line.size for line in report.models[0].lines]
    dates, regions = sorted({size.date for size in sizes}), ", ".join(sorted({size.region for size in sizes}))
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return f"Prices of {when}, {regions}, without discounts ({report.prices}): they change, bring your own."
