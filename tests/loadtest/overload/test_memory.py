"""Memory over time."""

import os

from loadtest import procfs
from loadtest.overload.memory import Memory, resident


def test_largest_of_a_part() -> None:
    """Its end belongs to the next part."""
    seen = Memory([0.0, 1.0, 2.0, 3.0], [10.0, 30.0, 20.0, 40.0])
    assert (seen.largest(0, 2), seen.largest(2, 3)) == (30, 20)


def test_descendants_count() -> None:
    """What a process has in memory is what the operating system says, its children's added."""
    alone = procfs.resident(os.getpid())
    assert alone > 10_000_000
    assert resident(os.getpid()) >= alone * 0.9
