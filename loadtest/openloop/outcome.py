"""What became of each request of an open-loop run, and whether the run can be believed."""

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
# So busy, the driver's process cannot tell a slow reply from one that it was slow to read.
BUSY_LIMIT = 0.9

Statuses = NDArray[np.int16]
Chosen = NDArray[np.bool_]  # one truth value for each request


class Outcome(NamedTuple):
    """One row for each request, in the order in which they were due; times in seconds.

    `due` counts from the start of the run, `lag` is how much later the request was sent, `latency` goes from `due`
    to the end of the reply: a request that had to wait in the driver is not flattered. `waited` tells which ones found
    no free connection; `busy` is the share of a core that the driver used.
    """

    due: Seconds
    lag: Seconds
    latency: Seconds
    status: Statuses
    waited: Chosen
    busy: float

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
        return self._part((self.due >= since) & (self.due < until))

    def first(self, count: int) -> "Outcome":
        """Return the first so many requests."""
        return self._part(np.arange(len(self.due)) < count)

    def _part(self, chosen: Chosen) -> "Outcome":
        rows = (self.due[chosen], self.lag[chosen], self.latency[chosen], self.status[chosen], self.waited[chosen])
        return Outcome(*rows, self.busy)

    def doubts(self) -> list[str]:
        """Return why the figures say more about the driver than about the service; nothing when they are sound."""
        found = []
        late = float(np.percentile(self.lag, 99)) if len(self.lag) else 0.0
        if late > LAG_LIMIT:
            found.append(f"1 % of the requests were sent {late * 1e3:.0f} ms late or later")
        if waited := int(np.sum(self.waited)):
            found.append(f"{waited:,} requests waited for a free connection")
        if self.busy > BUSY_LIMIT:
            found.append(f"the driver used {self.busy:.0%} of a core")
        return found
