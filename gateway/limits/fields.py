"""What a client is told of its quota: the RateLimit fields.

"RateLimit header fields for HTTP", an Internet-Draft (revision 11, 2026; the syntax is that of revision 08, 2024):
https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
"""

from functools import lru_cache
from math import ceil

from gateway.access.client import Quota

Fields = list[tuple[bytes, bytes]]


def fields(quota: Quota, used: float) -> Fields:
    """Return both fields for a quota of which so many requests are on the books; none where there is no rate."""
    if quota.rate is None:
        return []
    policy, spare = _policy(quota.rate, quota.burst)
    left = int(quota.burst - used + 1e-6)
    # Where nothing is left the time is that of Retry-After: until the next request. Else until all is there again.
    seconds = (used if left else used + 1 - quota.burst) / quota.rate
    return [
        (b"ratelimit-policy", policy),
        (b"ratelimit", b'"requests";r=%d;t=%d' % (left + spare, ceil(seconds - 1e-6))),
    ]


@lru_cache(maxsize=256)
def _policy(rate: float, burst: int) -> tuple[bytes, int]:
    """Return the policy, and by how much its number of requests exceeds the burst.

    Times are whole seconds. Where the burst is less than a second's worth, the policy is that of a second: a client
    that kept to the burst would be slower than it may.
    """
    window = max(1, ceil(burst / rate))
    requests = max(burst, int(rate)) if window == 1 else burst
    return b'"requests";q=%d;w=%d' % (requests, window), requests - burst
