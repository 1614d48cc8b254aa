"""How long jobs say what they are doing; the terminal's way of showing it is in `console`."""

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """What a job tells whoever watches it."""

    def step(self, text: str) -> None:
        """Say what comes next."""

    def track(self, items: Sequence[T], text: str) -> Iterator[T]:
        """Yield the items, saying how many of them are done."""


class Silent:
    """Nobody watches."""

    def step(self, text: str) -> None:
        """Say nothing."""

    def track(self, items: Sequence[T], text: str) -> Iterator[T]:
        """Yield the items."""
        return iter(items)
