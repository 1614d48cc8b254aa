"""The short way between an application and the HTTP connection that it answers on, beside ASGI's messages."""

from typing import Protocol

from gateway.problems import Reply


class Exchange(Protocol):
    """One request and its reply, in a request's scope as "scoring.exchange".

    Middleware that wants to see messages takes it out of the scope.
    """

    disconnected: bool  # the client has hung up; whoever answers it is cancelled

    def whole_body(self) -> bytes | None:
        """Return the body if all of it has arrived, None if some is to come."""
        ...

    async def reply(self, reply: Reply) -> None:
        """Send a complete reply."""
        ...
