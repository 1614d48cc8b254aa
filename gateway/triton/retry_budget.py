"""How many calls may be made a second time: few, or an outage would double the load on what is left.

As in gRPC's retry throttling, https://github.com/grpc/proposal/blob/master/A6-client-retries.md: calls earn a part of a
token each, a retry spends one.
"""

_EARNED = 0.1  # so at most a tenth of all calls are made again
_MOST = 50.0  # enough for the calls in flight to a Triton that is killed


class RetryBudget:
    """Tokens for retries; full at first."""

    def __init__(self) -> None:
        self._tokens = _MOST

    def earn(self) -> None:
        """Note a call."""
        self._tokens = min(self._tokens + _EARNED, _MOST)

    def spend(self) -> bool:
        """Take a token for a retry; tell whether there was one."""
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
