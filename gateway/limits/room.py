"""A room that clients share: the last part of it is kept for those who hold less than an equal share."""

# Part of the room that is kept. Where one client alone asks, it goes without it: little enough not to be missed, and
# enough for the first requests of others. See tests/gateway/limits/test_fairness.py.
_KEPT = 1 / 8


class Room:
    """So much may be held in all; a limit of up to 7 is nobody's more than another's."""

    __slots__ = ("common", "held", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.common = limit - int(limit * _KEPT)
        self.held = 0

    def has(self, more: int, own: int, mine: int, clients: int) -> bool:
        """Tell whether a request that holds `mine` may hold that much more.

        Its client holds `own` in all, and so many `clients` hold something. Where nobody else holds anything there is
        always room: what is larger than the room could never enter otherwise.
        """
        after = self.held + more
        if after <= self.common or self.held == mine:
            return True
        return after <= self.limit and own + more <= self.share(clients)

    def share(self, clients: int) -> float:
        """Return what each may hold when the room becomes scarce, a newcomer included."""
        return self.limit / (clients + 1)
