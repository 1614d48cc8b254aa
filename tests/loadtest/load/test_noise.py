"""Whether two steps differ by more than noise."""

import numpy as np
import pytest

from loadtest.load.noise import ratio


def seconds(mean: float, seed: int, count: int = 20) -> list[float | None]:
    """Values per second that vary by a tenth."""
    values = np.random.default_rng(seed).normal(mean, mean / 10, count)
    return [float(value) for value in values]


def test_equal_steps_differ_by_noise_alone() -> None:
    """In nearly all of many pairs; 95 % are meant to be."""
    found = [ratio(seconds(10, seed), seconds(10, seed + 1000)) for seed in range(100)]
    assert sum(each is not None and each.real for each in found) <= 12


def test_a_third_more_is_more_than_noise() -> None:
    """The ratio is that of the means, and its bounds are close around it."""
    found = ratio(seconds(10, 1), seconds(13, 2))
    assert found is not None
    assert found.real
    assert found.value == pytest.approx(1.3, abs=0.1)
    assert 1.2 < found.low < found.value < found.high < 1.4


def test_one_bad_second_is_noise() -> None:
    """A single hiccup moves the mean, and the bounds with it."""
    found = ratio(seconds(10, 1), [*seconds(10, 2)[:-1], 500.0])
    assert found is not None
    assert not found.real


def test_too_few_seconds_say_nothing() -> None:
    """Seconds without an answer do not count."""
    assert ratio([10.0] * 4, [20.0] * 9) is None
    assert ratio([10.0] * 9, [20.0] * 4 + [None] * 9) is None
