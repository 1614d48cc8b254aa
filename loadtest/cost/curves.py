"""The curves of the pictures: what the cheapest pool costs a month at each load."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from loadtest.cost.pools import Node, Plan, Pool, cheapest, crossing, pool
from loadtest.cost.report import Line, ModelCost
from loadtest.cost.view import short
from loadtest.page.colours import SERIES

_POINTS = 2000


class Curve(NamedTuple):
    """The cheapest pool for any load: of the sizes without GPUs together, or of one size with GPUs.

    `above` is the load above which it is cheaper than those without GPUs. `assumed`: it was not measured, and is drawn
    as if its GPUs took no time.
    """

    name: str
    colour: str
    pool: Callable[[float], Pool]
    above: float | None = None
    assumed: bool = False

    def steps(self, end: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return loads up to `end` and what they cost a month: the corners of the staircase alone."""
        loads = np.linspace(0, end, _POINTS)
        costs = np.array([self.pool(load).monthly for load in loads])
        rises = np.diff(costs) != 0
        corners = np.append(rises, True) | np.insert(rises, 0, True)
        return loads[corners], costs[corners]


def curves(model: ModelCost, plan: Plan) -> list[Curve]:
    """Return the curve of the sizes without GPUs, then one for each size with GPUs."""
    nodes = nodes_of(model.processors)
    first = Curve("without GPU", colour(0), lambda load: cheapest(nodes, load, plan))
    return [first, *(_curve(nodes, line, place, plan) for place, line in enumerate(model.accelerators, 1))]


def _curve(processors: Sequence[Node], line: Line, place: int, plan: Plan) -> Curve:
    most = line.most_per_s
    node = line.node or Node(line.size.name, line.size.hourly, most or float("inf"))
    said = "" if line.node else " at best"
    above = crossing(processors, node, plan)
    return Curve(short(node.name) + said, colour(place), lambda load: pool(node, load, plan), above, line.node is None)


def nodes_of(lines: Sequence[Line]) -> list[Node]:
    """Return the nodes whose rate is known."""
    return [line.node for line in lines if line.node]


def colour(place: int) -> str:
    """Return the colour of the sizes without GPUs (0) or of the so-manieth size with GPUs."""
    return SERIES[place % len(SERIES)]


def end(model: ModelCost, drawn: Sequence[Curve]) -> float:
    """Return the highest load to show: twice the first crossing, and beyond the load that was asked for."""
    known = [curve for curve in drawn[1:] if not curve.assumed] or drawn[1:]
    crossings = [curve.above for curve in known if curve.above]
    asked = 1.3 * model.advice.load_per_s if model.advice else 0.0
    usual = 3 * max(node.per_s for node in nodes_of(model.processors))
    return max(2 * min(crossings) if crossings else usual, asked)
