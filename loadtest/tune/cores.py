"""Which cores the server gets, and which the load generator: apart where there are enough."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from loadtest.errors import LoadTestError


class Cores(NamedTuple):
    """The cores of server and load generator, by their numbers."""

    server: frozenset[int]
    driver: frozenset[int]

    @property
    def shared(self) -> bool:
        """Whether they take them from each other."""
        return bool(self.server & self.driver)


def divided(asked: int | None) -> Cores:
    """Return cores for a server of `asked` cores (None: all) and for the rest. Raises LoadTestError without so many."""
    mine = sorted(os.sched_getaffinity(0))
    count = asked or len(mine)
    if count > len(mine):
        raise LoadTestError(
            f"a pod of {count} cores cannot be tried on {len(mine)}",
            f"give at most --cores {len(mine)} on this machine",
        )
    server, rest = mine[:count], mine[count:]
    return Cores(frozenset(server), frozenset(rest or server))


@contextmanager
def confined(cores: frozenset[int]) -> Iterator[None]:
    """Run this process, and what it starts meanwhile, on some cores only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
