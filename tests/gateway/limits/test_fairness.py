"""What becomes of clients that share a model, in virtual time: see simulation.py."""

import pytest

from gateway.limits.admission import Bounds
from tests.gateway.limits.simulation import IMAGES, Load, Outcome, Simulation

ROOM = Bounds(items=128, bytes=1 << 28, pipeline=32)
SECONDS = 200.0


def share(outcome: Outcome, client: str, items: int = 1) -> float:
    """Return what part of the model's capacity a client got."""
    return outcome.goodput(SECONDS / 5, SECONDS, client) * items / IMAGES.capacity


def refused(outcome: Outcome, client: str) -> int:
    """Return how many of a client's requests were refused."""
    return sum(who == client for who, _, _ in outcome.refused)


def loads(**times: float) -> list[Load]:
    """Clients that ask for so many times what the model can do."""
    return [Load(each * IMAGES.capacity, 0.0, SECONDS, client) for client, each in times.items()]


def test_a_light_client_is_let_in_beside_a_hog() -> None:
    """Who asks for little is answered as if the one who asks for far too much were not there."""
    outcome = Simulation(IMAGES, ROOM).run(*loads(hog=3.0, light=0.05))
    assert refused(outcome, "light") <= 0.01 * 0.05 * IMAGES.capacity * SECONDS
    assert outcome.latency(0.99, 0.0, client="light") < outcome.latency(0.99, 0.0, client="hog")
    assert share(outcome, "hog") > 0.9


def test_a_light_client_beside_many_hogs() -> None:
    """Several that ask for too much share what is there; a light one still gets nearly all that it asks for."""
    hogs = {f"hog{number}": 1.0 for number in range(6)}
    outcome = Simulation(IMAGES, ROOM).run(*loads(**hogs, light=0.05))
    shares = [share(outcome, hog) for hog in hogs]
    assert max(shares) < 1.3 * min(shares)
    assert share(outcome, "light") > 0.8 * 0.05


def test_who_asks_for_more_than_its_share_gets_a_good_part_of_it() -> None:
    """Beside a hog, a client that could use more than half gets far more than its part of the arrivals."""
    outcome = Simulation(IMAGES, ROOM).run(*loads(hog=6.0, other=0.6))
    assert share(outcome, "other") > 2 * 0.6 / 6.6
    assert share(outcome, "other") + share(outcome, "hog") > 0.95


@pytest.mark.parametrize("times", [1.0, 3.0])
def test_a_lone_client_loses_nothing(times: float) -> None:
    """Where everyone is the same client, what is kept for others costs no throughput."""
    outcome = Simulation(IMAGES, ROOM).run(*loads(anonymous=times))
    assert share(outcome, "anonymous") > 0.93


def test_lists_and_single_items() -> None:
    """Clients that send lists and clients that send single images share the model, whichever way they ask."""
    lists = Load(IMAGES.capacity / 16, 0.0, SECONDS, "lists", items=16)
    outcome = Simulation(IMAGES, ROOM).run(lists, *loads(single=1.0))
    assert share(outcome, "lists", 16) > 0.3
    assert share(outcome, "single") > 0.3
