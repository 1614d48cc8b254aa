"""When requests are due: phases of constant rate, with arrivals at random as independent users make them."""

from collections.abc import Callable, Sequence
from math import ceil, gcd
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
Seconds = NDArray[np.float64]


class Phase(NamedTuple):
    """So many requests per second on average, for so many seconds."""

    rate: float
    seconds: float


def poisson(phases: Sequence[Phase], seed: int = 0) -> Seconds:
    """Return times of a Poisson process, in seconds since its start; another seed gives other times.

    Its gaps are exponentially distributed: users who know nothing of each other arrive so, in bursts and pauses. Each
    phase has exactly as many as its rate and length say.
    """
    random = np.random.default_rng(seed)
    return _joined(phases, lambda phase: _poisson(phase, random))


def constant(phases: Sequence[Phase]) -> Seconds:
    """Return times with equal gaps, in seconds since the start."""
    return _joined(phases, lambda phase: np.arange(ceil(phase.rate * phase.seconds)) / phase.rate)


def _joined(phases: Sequence[Phase], times: Callable[[Phase], Seconds]) -> Seconds:
    starts = np.cumsum([0.0, *(phase.seconds for phase in phases)])
    return np.concatenate([start + times(phase) for start, phase in zip(starts, phases, strict=False)])


def _poisson(phase: Phase, random: np.random.Generator) -> Seconds:
    # Given how many arrivals there are, a Poisson process puts them anywhere with equal chance: so the rate is exact.
    times: Seconds = np.sort(random.uniform(0, phase.seconds, round(phase.rate * phase.seconds)))
    return times


def share(items: Sequence[T], place: int, processes: int) -> list[T]:
    """Return the items that one of several processes takes in turn when request i is sent by process i % `processes`.

    Together they send what one process would that takes all items in turn.
    """
    turns = len(items) // gcd(len(items), processes)
    return [items[(turn * processes + place) % len(items)] for turn in range(turns)]
