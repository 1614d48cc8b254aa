"""From prices and rates to the report's lines."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from loadtest.cost.pools import Node, Plan, Pool, cheapest, crossing, pool
from loadtest.cost.prices import Prices, Size
from loadtest.cost.rates import Rate
from loadtest.cost.report import Advice, Line, ModelCost
from loadtest.errors import LoadTestError

ANY = ""  # the name of whatever has no entry of its own
_ON_GPU = "images"  # what the product can serve on GPUs


class Terms(NamedTuple):
    """What the user decides: how pools are sized, what a vCPU does of a measured core, what is known of GPUs.

    `gpu_per_s` gives images/s of a GPU by its name, `loads` items/s by benchmark; both may have an entry ANY.
    """

    plan: Plan
    per_vcpu: float = 1.0
    gpu_per_s: Mapping[str, float] = {}
    loads: Mapping[str, float] = {}


class GpuRate(NamedTuple):
    """Items/s of a GPU, and who says so."""

    per_s: float
    source: str


def models(prices: Prices, rates: Sequence[Rate], terms: Terms) -> list[ModelCost]:
    """Return the costs of every model measured on a CPU; GPU reports give the rates of GPUs. Raises LoadTestError."""
    on_cpus = [rate for rate in rates if not rate.gpus]
    if not on_cpus:
        raise LoadTestError("no report of a machine without GPUs", "measure there: scoring bench")
    if all(size.gpus for size in prices.size):
        raise LoadTestError("the price file has no size without GPUs", "add one: it is what GPUs are compared with")
    on_gpus = [rate for rate in rates if rate.gpus]
    return [_model(prices, rate, on_gpus, terms) for rate in on_cpus]


def _model(prices: Prices, rate: Rate, on_gpus: Sequence[Rate], terms: Terms) -> ModelCost:
    processors = [_processor(size, rate, terms) for size in prices.size if not size.gpus]
    nodes = [line.node for line in processors if line.node]
    accelerators = [
        _accelerator(size, _of_gpu(size, rate.unit, on_gpus, terms), nodes, rate, terms)
        for size in prices.size
        if size.gpus
    ]
    lines = [*sorted(processors, key=_price), *sorted(accelerators, key=_price)]
    load = terms.loads.get(rate.benchmark, terms.loads.get(ANY))
    return ModelCost(
        rate=rate,
        lines=lines,
        needs_no_gpu=bool(accelerators) and all(map(_out_of_reach, accelerators)),
        advice=None if load is None else _advice([line.node for line in lines if line.node], load, terms.plan),
    )


def _price(line: Line) -> tuple[float, float]:
    return line.million or float("inf"), line.size.hourly


def _processor(size: Size, rate: Rate, terms: Terms) -> Line:
    per_s = rate.per_core * terms.per_vcpu * size.vcpus
    return _line(size, per_s, terms.plan)


def _accelerator(size: Size, gpu: GpuRate | None, processors: Sequence[Node], rate: Rate, terms: Terms) -> Line:
    best = min(processors, key=Node.per_million)
    line = _line(size, None if gpu is None else gpu.per_s * size.gpus, terms.plan)
    most = rate.per_core_without_engine
    return msgspec.structs.replace(
        line,
        break_even_per_s=Node(size.name, size.hourly, 1.0).rate_at_price_of(best),
        cheaper_above_per_s=crossing(processors, line.node, terms.plan) if line.node else None,
        most_per_s=None if most is None else most * terms.per_vcpu * size.vcpus,
        source="" if gpu is None else gpu.source,
    )


def _line(size: Size, per_s: float | None, plan: Plan) -> Line:
    if per_s is None:
        return Line(size=size, per_s=None, million=None, million_used=None)
    node = Node(size.name, size.hourly, per_s)
    return Line(size=size, per_s=per_s, million=node.per_million(), million_used=node.per_million(plan.utilisation))


def _of_gpu(size: Size, unit: str, on_gpus: Sequence[Rate], terms: Terms) -> GpuRate | None:
    """Return what the user says of a GPU, else the best that a report has of one of that name."""
    said = terms.gpu_per_s.get(size.gpu, terms.gpu_per_s.get(ANY)) if unit == _ON_GPU else None
    if said is not None:
        return GpuRate(said, "as said with --gpu-rate")
    measured = [each for each in on_gpus if each.unit == unit and size.gpu in re.split(r"\W+", each.gpus[0].name)]
    return max((GpuRate(each.per_gpu, _origin(each)) for each in measured), default=None)


def _origin(rate: Rate) -> str:
    return f"measured on {rate.gpus[0].name}; {rate.service}; {rate.created[:10]}, {rate.source}"


def _out_of_reach(line: Line) -> bool:
    """Tell whether a node's processors alone keep it below its break-even, though its GPUs took no time at all."""
    return line.most_per_s is not None and line.break_even_per_s is not None and line.break_even_per_s > line.most_per_s


def _monthly(each: Pool) -> float:
    return each.monthly


def _advice(nodes: Sequence[Node], load: float, plan: Plan) -> Advice:
    best = cheapest(nodes, load, plan)
    others = sorted(
        (pool(node, load, plan) for node in nodes if node.name != best.node.name), key=lambda each: each.monthly
    )
    return Advice(
        load_per_s=load,
        size=best.node.name,
        nodes=best.nodes,
        monthly=best.monthly,
        busy=load / best.per_s,
        others=[(each.node.name, each.nodes, each.monthly) for each in sorted(others, key=_monthly)],
    )
