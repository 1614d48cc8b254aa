"""What the application may know about the HTTP connection that it answers on."""

from collections.abc import Callable


class Connection:
    """One HTTP connection, in a request's scope as "scoring.connection".

    `on_lost` is set by the application while it answers, and called once should the client hang up meanwhile.
    """

    __slots__ = ("on_lost",)

    def __init__(self) -> None:
        self.on_lost: Callable[[], None] | None = None
