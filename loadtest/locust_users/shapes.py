"""How many users there are when: a staircase, a spike, a long level stretch."""

from abc import ABC, abstractmethod
from argparse import Namespace
from dataclasses import dataclass, replace
from math import ceil

NAMES = ("step", "spike", "soak")
Tick = tuple[int, float]  # users, and how many of them to start or stop in a second


@dataclass(frozen=True)
class Shape(ABC):
    """A load over time.

    `users` at its top, `seconds` from start to end, `rate` of users started or stopped in a second.
    """

    users: int = 50
    seconds: float = 300.0
    rate: float | None = None  # by default all within a second: it is the level that is looked at

    def tick(self, now: float) -> Tick | None:
        """Return what holds `now` seconds after the start; None when the run is over."""
        if now >= self.seconds:
            return None
        return self._users(now / self.seconds), self.rate or self._usual_rate()

    @abstractmethod
    def _users(self, done: float) -> int:
        """Return the number of users when this share of the run is over."""

    def _usual_rate(self) -> float:
        return float(self.users)


@dataclass(frozen=True)
class Step(Shape):
    """Equal steps up to `users`, to see where latency turns upwards."""

    steps: int = 5

    def _users(self, done: float) -> int:
        return ceil(self.users * (int(done * self.steps) + 1) / self.steps)


@dataclass(frozen=True)
class Spike(Shape):
    """In the middle `factor` times as many users as before and after, to see whether all recovers."""

    factor: int = 5
    since: float = 0.4  # shares of the run
    until: float = 0.6

    def _users(self, done: float) -> int:
        return self.users if self.since <= done < self.until else ceil(self.users / self.factor)


@dataclass(frozen=True)
class Soak(Shape):
    """The same users for a long time, after a slow start, to see whether anything grows."""

    seconds: float = 3600.0
    ramp: float = 0.02  # share of the run

    def _users(self, done: float) -> int:
        return self.users

    def _usual_rate(self) -> float:
        return self.users / max(1.0, self.ramp * self.seconds)


def chosen(options: Namespace) -> Shape:
    """Return the shape that Locust's options ask for; what they leave open is the shape's own."""
    shapes = {"step": Step(steps=options.steps), "spike": Spike(factor=options.spike_factor), "soak": Soak()}
    given = {"users": options.num_users, "seconds": options.run_time, "rate": options.spawn_rate}
    return replace(shapes[options.shape], **{name: value for name, value in given.items() if value})
