"""The arithmetic: what nodes of one size serve and cost, and where a pool of one kind becomes the cheaper one."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

HOURS_PER_MONTH = 730
_ROUNDING = 1e-9  # 3 nodes' worth of load are 3 nodes, whatever binary fractions make of it
_SAME = 1e-3  # of a price: what differs by less costs the same


class Node(NamedTuple):
    """A node: its size's name, its price an hour, the items/s that it serves at full load (inf: no limit)."""

    name: str
    hourly: float
    per_s: float

    def per_million(self, utilisation: float = 1.0) -> float:
        """Return the price of a million items on a node that is busy for this share of its time."""
        return self.hourly / (self.per_s * utilisation * 3600) * 1e6

    def rate_at_price_of(self, other: "Node") -> float:
        """Return the items/s from which a node of this price is cheaper per item than the other one."""
        return self.hourly / other.hourly * other.per_s


class Plan(NamedTuple):
    """How a pool is sized: nodes are filled up to `utilisation` (a share), and never fewer than `least`."""

    utilisation: float
    least: int


class Pool(NamedTuple):
    """So many nodes of one kind."""

    node: Node
    nodes: int

    @property
    def monthly(self) -> float:
        """What the pool costs a month of 730 hours."""
        return self.nodes * self.node.hourly * HOURS_PER_MONTH

    @property
    def per_s(self) -> float:
        """Items/s at full load."""
        return self.nodes * self.node.per_s


def pool(node: Node, load: float, plan: Plan) -> Pool:
    """Return the nodes that serve a load in items/s."""
    needed = load / (node.per_s * plan.utilisation)
    return Pool(node, max(plan.least, math.ceil(needed - _ROUNDING)))


def cheapest(nodes: Sequence[Node], load: float, plan: Plan) -> Pool:
    """Return the cheapest pool of one of these nodes for a load; of two that cost the same, the one of fewer nodes."""
    return min((pool(node, load, plan) for node in nodes), key=lambda each: (round(each.monthly, 6), each.nodes))


def crossing(others: Sequence[Node], node: Node, plan: Plan) -> float | None:
    """Return the lowest load, in items/s, just above which a pool of `node` is cheaper than the others' cheapest.

    The others may win once more where the next `node` has little to do. None: its items cost as much, or more.
    """
    best = min(each.per_million() for each in others)
    if node.per_million() >= best * (1 - _SAME):
        return None
    for load in _steps(others, plan):
        above = load * (1 + 1e-6) + 1e-6  # a pool is dearer just above the load that fills it
        if pool(node, above, plan).monthly < cheapest(others, above, plan).monthly:
            return load
    raise AssertionError("items that cost less win in the end")


def _steps(nodes: Sequence[Node], plan: Plan) -> Iterator[float]:
    """Return the loads at which the cheapest pool of these nodes may become dearer, lowest first, without end."""
    yield 0.0
    filled = [each.per_s * plan.utilisation for each in nodes]
    counts = [plan.least] * len(nodes)
    while True:
        load = min(count * size for count, size in zip(counts, filled, strict=True))
        yield load
        for place, size in enumerate(filled):
            if counts[place] * size <= load:
                counts[place] += 1
