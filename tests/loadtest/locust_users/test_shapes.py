"""How many users there are when."""

from argparse import Namespace

import pytest

from loadtest.locust_users.shapes import Shape, Soak, Spike, Step, chosen

GIVEN = Namespace(shape="step", num_users=None, run_time=None, spawn_rate=None, steps=5, spike_factor=5)


def _users(shape: Shape, *times: float) -> list[int | None]:
    ticks = map(shape.tick, times)
    return [tick and tick[0] for tick in ticks]


def test_steps_are_equal() -> None:
    """As long as each other, as high as each other; the last one has all users."""
    shape = Step(users=100, seconds=40, steps=4)
    assert _users(shape, 0, 9.9, 10, 20, 30, 39.9, 40) == [25, 25, 50, 75, 100, 100, None]


def test_more_steps_than_users() -> None:
    """Every step has a user at least."""
    assert _users(Step(users=2, seconds=4, steps=4), 0, 1, 2, 3) == [1, 1, 2, 2]


def test_spike() -> None:
    """The users of the top are there in the middle alone, and all at once."""
    shape = Spike(users=50, seconds=100, factor=10)
    assert _users(shape, 0, 39, 40, 59, 60, 99, 100) == [5, 5, 50, 50, 5, 5, None]
    assert shape.tick(40) == (50, 50.0)


def test_soak() -> None:
    """The users come slowly, and stay."""
    shape = Soak(users=60, seconds=1500)
    assert shape.tick(0) == shape.tick(1499) == (60, 2.0)
    assert shape.tick(1500) is None


@pytest.mark.parametrize("name", ["step", "spike", "soak"])
def test_options_come_before_what_a_shape_has_of_its_own(name: str) -> None:
    """Users, time and rate are Locust's options; what is not given is the shape's."""
    shape = chosen(Namespace(**{**vars(GIVEN), "shape": name, "num_users": 8, "run_time": 60, "spawn_rate": 0.5}))
    assert (shape.users, shape.seconds, shape.tick(30)) == (8, 60, ({"step": 5, "spike": 8, "soak": 8}[name], 0.5))
    assert chosen(Namespace(**{**vars(GIVEN), "shape": name})).users == 50


def test_options_of_single_shapes() -> None:
    """The number of steps and the height of the spike have options of their own."""
    assert chosen(Namespace(**{**vars(GIVEN), "steps": 7})) == Step(steps=7)
    assert chosen(Namespace(**{**vars(GIVEN), "shape": "spike", "spike_factor": 2})) == Spike(factor=2)
