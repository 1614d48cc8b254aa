"""An open-loop HTTP/1.1 driver: raw requests over a pool of keep-alive connections, in a process of its own."""

from collections.abc import Sequence
from math import ceil
from time import perf_counter
from typing import NamedTuple, Self

from loadtest.openloop import pace
from loadtest.openloop.connections import Pool
from loadtest.openloop.driver_process import Stopped
from loadtest.openloop.outcome import Outcome
from loadtest.openloop.pace import Pace
from loadtest.openloop.schedule import Seconds, share


class Load(NamedTuple):
    """What is sent where, and when; the requests take turns.

    `connections` are opened at most, `warm` of them before the start; a reply that takes longer than `patience`
    seconds is not awaited any longer. `server_name` is the host that a certificate has to name; "" for plain HTTP.
    """

    address: tuple[str, int]
    requests: Sequence[bytes]
    due: Seconds
    connections: int = 1024
    warm: int = 32
    patience: float = 10.0
    server_name: str = ""

    def part(self, place: int, processes: int) -> Self:
        """Return what the process `place` of several has to send."""
        return self._replace(
            requests=share(self.requests, place, processes),
            due=self.due[place::processes],
            connections=ceil(self.connections / processes),
            warm=ceil(self.warm / processes),
        )


def run(load: Load, start: float, stopped: Stopped) -> Outcome:
    """Send the load in this process, which has nothing else to do. Raises OSError where nobody listens."""
    return pace.run(_run(load, Pace(load.due, start, stopped)))


async def _run(load: Load, pace: Pace) -> Outcome:
    requests = load.requests
    pool = Pool(load.address, load.connections, pace.end, load.server_name)
    await pool.open(load.warm)
    try:
        return await pace.run(
            send=lambda number: pool.send(number, requests[number % len(requests)]),
            look=lambda: pool.give_up(perf_counter() - load.patience),
        )
    finally:
        pool.close()
