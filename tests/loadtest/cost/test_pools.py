"""Nodes, pools and where they cost the same, against numbers computed by hand."""

import pytest

from loadtest.cost.pools import Node, Plan, cheapest, crossing, pool

CPU, GPU = Node("cpu", 0.2, 10.0), Node("gpu", 1.0, 80.0)
FULL = Plan(utilisation=1.0, least=1)


def test_a_million_costs_the_hours_that_it_takes() -> None:
    """10 items/s take 27.8 hours for a million: 5.56 at 0.2 an hour, and twice that if half of the time is idle."""
    assert CPU.per_million() == pytest.approx(1e6 / 10 / 3600 * 0.2)
    assert CPU.per_million() == pytest.approx(5.5556, abs=1e-4)
    assert CPU.per_million(0.5) == pytest.approx(11.1111, abs=1e-4)


def test_at_the_break_even_rate_both_cost_the_same() -> None:
    """A node of five times the price has to serve five times as much."""
    rate = GPU.rate_at_price_of(CPU)
    assert rate == pytest.approx(50)
    assert GPU._replace(per_s=rate).per_million() == pytest.approx(CPU.per_million())


@pytest.mark.parametrize(
    ("load", "utilisation", "least", "nodes"),
    [(0, 1.0, 1, 1), (0, 1.0, 2, 2), (10, 1.0, 1, 1), (10.1, 1.0, 1, 2), (30, 1.0, 1, 3), (30, 0.6, 1, 5),
     (0.3, 0.01, 1, 3), (31, 0.6, 1, 6), (31, 0.6, 9, 9)],
)  # fmt: skip
def test_pools_are_of_whole_nodes(load: float, utilisation: float, least: int, nodes: int) -> None:
    """As many as the load needs at that utilisation, a full one counting as one, and never fewer than the least."""
    found = pool(CPU, load, Plan(utilisation, least))
    assert found.nodes == nodes
    assert found.monthly == pytest.approx(nodes * 0.2 * 730)
    assert found.per_s == pytest.approx(nodes * 10)


def test_the_cheapest_pool_may_be_of_small_nodes_or_of_large_ones() -> None:
    """Small ones fit a small load; of pools at the same price the one of fewer nodes is chosen."""
    large = Node("large", 0.8, 40.0)
    assert cheapest([CPU, large], 15, FULL) == (CPU, 2)
    assert cheapest([CPU, large], 40, FULL) == (large, 1)
    assert cheapest([CPU, large], 41, FULL) == (CPU, 5)


@pytest.mark.parametrize("plan", [FULL, Plan(0.6, 2)])
@pytest.mark.parametrize("per_s", [51.0, 80.0, 400.0, float("inf")])
def test_below_the_crossing_one_is_cheaper_and_above_it_the_other(per_s: float, plan: Plan) -> None:
    """The staircases are followed on both sides of the load that is returned."""
    others, node = [CPU, Node("large", 0.79, 40.0)], GPU._replace(per_s=per_s)
    load = crossing(others, node, plan)
    assert load is not None
    assert pool(node, load * 1.00001, plan).monthly < cheapest(others, load * 1.00001, plan).monthly
    for share in range(1, 100):
        below = load * share / 100
        assert cheapest(others, below, plan).monthly <= pool(node, below, plan).monthly


def test_the_crossing_is_where_it_is_by_hand() -> None:
    """Five nodes at 0.2 cost one at 1.0: above the 50 items/s that they serve a sixth would be needed."""
    assert crossing([CPU], GPU, FULL) == pytest.approx(50)
    assert crossing([CPU], GPU, Plan(0.6, 2)) == pytest.approx(10 * 10 * 0.6)


@pytest.mark.parametrize("per_s", [1.0, 49.0, 50.0])
def test_what_costs_as_much_for_an_item_never_is_the_cheaper_one(per_s: float) -> None:
    """There is no crossing."""
    assert crossing([CPU], GPU._replace(per_s=per_s), FULL) is None


def test_a_node_cheaper_in_every_way_wins_from_the_start() -> None:
    """The crossing is at no load at all."""
    assert crossing([CPU], Node("cheap", 0.1, 20.0), FULL) == 0
