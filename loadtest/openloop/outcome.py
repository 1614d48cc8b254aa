"""What became of each request of an open-loop run, and whether the run can be believed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from loadtest.openloop.schedule import Seconds

# Where other values are HTTP statuses: the client has no reply.
CLOSED = 0  # the connection was refused, or closed before the reply was complete
LATE = 1  # no complete reply within the client's patience
OK = 200
REFUSALS = (429, 503)  # not now, come again later

# A driver that sends more than one request in a hundred so many seconds late measures itself.
LAG_LIMIT = 0.010
# So does one whose lag is a good part of the 99th percentile, unless it is shorter than anybody cares for.
_LAG_SHARE, _LAG_SEEN = 0.25, 0.001
# So busy, the driver's process cannot tell a slow reply from one that it was slow to read.
BUSY_LIMIT = 0.9

Statuses = NDArray[np.int16]
Chosen = NDArray[np.bool_]  # one truth value for each request
Stages = Mapping[str, NDArray[np.float32]]  # by name: milliseconds, one value for each request
Where = Chosen | NDArray[np.intp] | slice  # which rows
_NO_STAGES: Stages = {}


class Outcome(NamedTuple):
    """One row for each request, in the order in which they were due; times in seconds.

    `due` counts from the start of the run, `lag` is how much later the request was sent, `latency` goes from `due`
    to the end of the reply: a request that had to wait in the driver is not flattered. `waited` tells which ones found
    no free connection. `stages` are the times that replies told in milliseconds, nan where one told none. `busy` is
    the share of a core that the driver used, `starved` the share of time in which it waited for a core.
    """

    due: Seconds
    lag: Seconds
    latency: Seconds
    status: Statuses
    waited: Chosen
    busy: float
    starved: float = 0.0
    stages: Stages = _NO_STAGES

    @property
    def ended(self) -> Seconds:
        """When the replies were complete, since the start of the run."""
        return self.due + self.latency

    @property
    def ok(self) -> Chosen:
        """Which requests were answered."""
        chosen: Chosen = self.status == OK
        return chosen

    @property
    def refused(self) -> Chosen:
        """Which requests were told to come again later."""
        return np.isin(self.status, REFUSALS)

    def between(self, since: float, until: float) -> "Outcome":
        """Return the requests that were due in a part of the run."""
        return self.rows(slice(*np.searchsorted(self.due, (since, until))))

    def first(self, count: int) -> "Outcome":
        """Return the first so many requests."""
        return self.rows(slice(count))

    def rows(self, where: Where) -> "Outcome":
        """Return some of the requests."""
        rows = (self.due[where], self.lag[where], self.latency[where], self.status[where], self.waited[where])
        stages = {name: values[where] for name, values in self.stages.items()}
        return Outcome(*rows, self.busy, self.starved, stages)

    def doubts(self) -> list[str]:
        """Return why the figures say more about the driver than about the service; nothing when they are sound."""
        return [*self._lag_doubts(), *self._waiting_doubts(), *self._core_doubts()]

    def _lag_doubts(self) -> Iterator[str]:
        if not len(self.due):
            return
        lag, latency, without = np.percentile([self.lag, self.latency, self.latency - self.lag], 99, axis=1)
        if lag > LAG_LIMIT:
            yield f"1 % of the requests were sent {lag * 1e3:.0f} ms late or later"
        elif lag > _LAG_SEEN and latency - without > _LAG_SHARE * latency:
            yield f"without the driver's own lag, p99 would be {without * 1e3:.1f} ms, not {latency * 1e3:.1f} ms"

    def _waiting_doubts(self) -> Iterator[str]:
        if waited := int(np.sum(self.waited)):
            yield f"{waited:,} requests waited for a free connection"

    def _core_doubts(self) -> Iterator[str]:
        if self.busy > BUSY_LIMIT:
            yield f"the driver used {self.busy:.0%} of a core"
        elif self.busy + self.starved > BUSY_LIMIT:
            yield f"the driver used {self.busy:.0%} of a core, and waited for one {self.starved:.0%} of the time"


def merged(outcomes: Sequence[Outcome]) -> Outcome:
    """Return one outcome of several drivers' requests; `busy` and `starved` are those of the driver that had most."""
    names = dict.fromkeys(name for each in outcomes for name in each.stages)
    rows = (
        np.concatenate([each.due for each in outcomes]),
        np.concatenate([each.lag for each in outcomes]),
        np.concatenate([each.latency for each in outcomes]),
        np.concatenate([each.status for each in outcomes]),
        np.concatenate([each.waited for each in outcomes]),
    )
    stages = {name: np.concatenate([_stage(each, name) for each in outcomes]) for name in names}
    busy, starved = max(each.busy for each in outcomes), max(each.starved for each in outcomes)
    return Outcome(*rows, busy, starved, stages).rows(np.argsort(rows[0], kind="stable"))


def _stage(outcome: Outcome, name: str) -> NDArray[np.float32]:
    return outcome.stages.get(name, np.full(len(outcome.due), np.nan, np.float32))
