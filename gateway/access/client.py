"""A client: what it is called, what it may do, and how much of it."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import ForbiddenError


class Scope(StrEnum):
    """What a client may be allowed to do."""

    FAQ = "faq"  # match questions
    IMAGE = "image"  # classify images
    ADMIN = "admin"  # read metrics


@dataclass(frozen=True, slots=True)
class Quota:
    """How much a client may ask for; None sets no limit."""

    rate: float | None = None  # requests per second, in the long run
    burst: int = 1  # requests that may come at once after a pause
    concurrent: int | None = None  # requests in flight


@dataclass(frozen=True, slots=True)
class Client:
    """Whoever a request comes from.

    `label` stands for it where only so many names are wanted: in metrics. Clients that share a name share their quota.
    """

    name: str
    scopes: frozenset[Scope]
    quota: Quota = Quota()
    label: str = ""

    def require(self, scope: Scope) -> None:
        """Raise ForbiddenError unless the client has the scope."""
        if scope not in self.scopes:
            raise ForbiddenError(f"This client may not use the scope {scope}.", field="authorization", limit=scope)


ANONYMOUS = Client("anonymous", frozenset(Scope), label="anonymous")  # everyone, where no keys are asked for
