"""The report: for each model, what it costs on each size, and the pool for a load."""

import msgspec

from loadtest.cost.pools import Node, Plan
from loadtest.cost.prices import Size
from loadtest.cost.rates import Rate


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A size of node for one model; what is None is not known, because nobody measured it on that GPU.

    `per_s` is items/s of the node at full load, `million` and `million_used` the price of a million items at full load
    and at the report's utilisation. For a size with GPUs, `break_even_per_s` is what the node must serve to be cheaper
    per item than the cheapest size without, `cheaper_above_per_s` the load above which a pool of it is cheaper, and
    `most_per_s` what its processors would serve if its GPUs did the model in no time, where that is known; `source`
    says where the GPU's rate is from.
    """

    size: Size
    per_s: float | None
    million: float | None
    million_used: float | None
    break_even_per_s: float | None = None
    cheaper_above_per_s: float | None = None
    most_per_s: float | None = None
    source: str = ""

    @property
    def node(self) -> Node | None:
        """The node in the arithmetic, None while its rate is not known."""
        return None if self.per_s is None else Node(self.size.name, self.size.hourly, self.per_s)

    @property
    def per_part(self) -> float | None:
        """Items/s of a vCPU, or of a GPU where the size has GPUs."""
        return None if self.per_s is None else self.per_s / (self.size.gpus or self.size.vcpus)


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """The cheapest pool for a load: `others` are the cheapest of each other size, in the order of their price."""

    load_per_s: float
    size: str
    nodes: int
    monthly: float
    busy: float
    others: list[tuple[str, int, float]]


class ModelCost(msgspec.Struct, frozen=True, kw_only=True):
    """One model on one engine: its lines, those without GPUs first, each part from cheap to dear.

    `needs_no_gpu`: no GPU of the file can make it cheaper, because its time goes into what a GPU does not do.
    """

    rate: Rate
    lines: list[Line]
    needs_no_gpu: bool
    advice: Advice | None = None

    @property
    def processors(self) -> list[Line]:
        """The sizes without GPUs."""
        return [each for each in self.lines if not each.size.gpus]

    @property
    def accelerators(self) -> list[Line]:
        """The sizes with GPUs."""
        return [each for each in self.lines if each.size.gpus]


class CostReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was computed, and from what: `per_vcpu` is what a vCPU does of a core that was measured."""

    created: str
    command: str
    prices: str
    currency: str
    utilisation: float
    least_nodes: int
    per_vcpu: float
    models: list[ModelCost]

    @property
    def plan(self) -> Plan:
        """How pools are sized."""
        return Plan(self.utilisation, self.least_nodes)
