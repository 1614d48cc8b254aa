"""What admission does to a load, in virtual time: see simulation.py."""

import pytest

from gateway.limits.admission import Bounds
from tests.gateway.limits.simulation import IMAGES, QUESTIONS, Engine, Load, Outcome, Simulation

ROOM_FOR_IMAGES = Bounds(items=128, bytes=1 << 28, pipeline=32)
ROOM_FOR_QUESTIONS = Bounds(items=1024, bytes=1 << 26, pipeline=128)

# Seconds of load that make a few ten thousand requests.
MODELS = pytest.mark.parametrize(
    ("engine", "room", "seconds"), [(IMAGES, ROOM_FOR_IMAGES, 120.0), (QUESTIONS, ROOM_FOR_QUESTIONS, 1.5)]
)


def under(engine: Engine, room: Bounds, times: float, seconds: float) -> Outcome:
    """What becomes of a load of so many times what the engine can do."""
    return Simulation(engine, room).run(Load(times * engine.capacity, 0.0, seconds))


@MODELS
def test_normal_load_is_admitted(engine: Engine, room: Bounds, seconds: float) -> None:
    """At 70 % of what the model can do, nobody is refused or late."""
    outcome = under(engine, room, 0.7, seconds)
    assert (outcome.refused, outcome.late) == ([], [])


@MODELS
def test_overload_costs_neither_throughput_nor_much_time(engine: Engine, room: Bounds, seconds: float) -> None:
    """At three times what the model can do it stays busy, and the slowest wait three times as long as normally.

    The queue builds up in the beginning, while it may still be a burst.
    """
    normal, outcome = under(engine, room, 0.7, seconds), under(engine, room, 3.0, seconds)
    settled = seconds / 4
    assert outcome.goodput(settled, seconds) > 0.85 * engine.capacity
    assert outcome.latency(0.99, settled) < 3.3 * normal.latency(0.99, settled)
    assert outcome.late == []


@MODELS
def test_all_is_normal_after_overload(engine: Engine, room: Bounds, seconds: float) -> None:
    """Two seconds after an overload, and less for a fast model, half the load is answered as if nothing had been."""
    capacity = engine.capacity
    outcome = Simulation(engine, room).run(
        Load(3.0 * capacity, 0.0, seconds), Load(0.5 * capacity, seconds, 2 * seconds)
    )
    alone = under(engine, room, 0.5, seconds)
    normal = seconds + min(2.0, seconds / 4)
    assert outcome.latency(0.5, normal) < 1.2 * alone.latency(0.5, 0.0)
    assert [at for _, at, _ in outcome.refused if at > normal] == []


def test_a_burst_is_no_overload() -> None:
    """A hundred images at once are all admitted by an idle model, and answered within their time."""
    outcome = Simulation(IMAGES, ROOM_FOR_IMAGES).run(Load(10_000.0, 0.0, 0.01))
    assert len(outcome.answered) > 80
    assert (outcome.refused, outcome.late) == ([], [])


def test_what_cannot_be_answered_in_time_is_refused() -> None:
    """Of requests with little time, nearly all that are admitted to an overloaded model are answered within it."""
    load = Load(3.0 * IMAGES.capacity, 0.0, 120.0, seconds=1.2)
    outcome = Simulation(IMAGES, ROOM_FOR_IMAGES).run(load)
    assert len(outcome.late) < 0.1 * len(outcome.answered)
    assert outcome.goodput(30.0, 120.0) > 0.8 * IMAGES.capacity


def frozen(engine: Engine, start: float, stop: float) -> Simulation:
    """A model that stands still between two times."""
    still = engine.seconds(engine.batch)
    return Simulation(
        engine, ROOM_FOR_IMAGES, slower=lambda now: 1.0 + (stop - now) / still if start <= now < stop else 1.0
    )


def test_a_model_that_stood_still_is_found_again() -> None:
    """After ten seconds without an answer the model gets its load back by itself, within two seconds."""
    outcome = frozen(IMAGES, 20.0, 30.0).run(Load(0.6 * IMAGES.capacity, 0.0, 60.0))
    assert outcome.goodput(32.0, 60.0) > 0.95 * 0.6 * IMAGES.capacity
    assert [at for _, at, _ in outcome.refused if at > 32.0] == []
    assert outcome.latency(0.99, 32.0) < 2.0


def test_a_model_that_became_slow_is_found_fast_again() -> None:
    """Where a model was too slow for anyone's time, and little was admitted, the load comes back with its speed."""
    slower = Simulation(IMAGES, ROOM_FOR_IMAGES, slower=lambda now: 30.0 if 20.0 <= now < 60.0 else 1.0)
    outcome = slower.run(Load(0.6 * IMAGES.capacity, 0.0, 120.0))
    slow = [at for _, at in outcome.late if 30.0 < at < 60.0]
    assert len(slow) < 0.4 * 0.6 * IMAGES.capacity * 30.0
    # Triton still works on what nobody waits for any more.
    assert outcome.goodput(80.0, 120.0) > 0.95 * 0.6 * IMAGES.capacity


def test_who_is_refused_is_told_when_there_will_be_room() -> None:
    """A refused client is told a time within bounds, and not all the same one."""
    outcome = under(IMAGES, ROOM_FOR_IMAGES, 3.0, 60.0)
    waits = [after for _, at, after in outcome.refused if at > 10.0]
    assert 0.2 <= min(waits) < max(waits) <= 4.0
    assert len(set(waits)) == len(waits)
