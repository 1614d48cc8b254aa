"""What a client may ask for where neither its key nor its token says so."""

import math

from gateway.access.client import Quota
from gateway.settings import Settings


def quota(
    settings: Settings, rate: float | None = None, burst: int | None = None, concurrent: int | None = None
) -> Quota:
    """Return a client's quota: what it names itself, else what the settings name; 0 sets no limit.

    A burst of 0 is what the rate allows in a second, 1 at least. Who names a rate and no burst gets that, too.
    """
    own = rate is not None
    rate = rate if rate is not None else settings.client_rate
    burst = burst if burst is not None else 0 if own else settings.client_burst
    concurrent = concurrent if concurrent is not None else settings.client_concurrent
    return Quota(rate or None, burst or max(1, math.ceil(rate)), concurrent or None)
