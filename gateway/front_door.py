"""What every request passes before its body is read: who asks, until when, how often, and whether there is room.

Each step costs less than the next, and what a step refuses costs the ones behind it nothing.
"""

from time import monotonic
from typing import NamedTuple

from gateway.access.access import Access
from gateway.access.client import Scope
from gateway.call import Call, Head, Protocol
from gateway.errors import DeadlineExceededError, QuotaExceededError
from gateway.limits.admission import Admission
from gateway.limits.quotas import Quotas
from gateway.settings import Settings
from gateway.telemetry.telemetry import Telemetry


class Method(NamedTuple):
    """Something that can be asked for: its name in metrics and logs, who may ask, and what it needs room in."""

    name: str
    scope: Scope | None = None  # None: any client
    admission: Admission | None = None  # None: it costs next to nothing
    public: bool = False  # everyone may ask, without a key


class FrontDoor:
    """Lets requests in and sees them off; shared by both protocols."""

    def __init__(self, settings: Settings, access: Access, quotas: Quotas, telemetry: Telemetry) -> None:
        self._seconds = settings.deadline
        self._most_seconds = settings.max_deadline
        self._access = access
        self._quotas = quotas
        self._telemetry = telemetry

    def opened(self, protocol: Protocol, method: Method, traceparent: bytes) -> Call:
        """Note that a request has arrived. Whoever opens a call closes it."""
        call = Call(protocol, method.name, monotonic(), self._seconds, self._telemetry.trace(traceparent))
        self._telemetry.began(call)
        return call

    async def identify(self, call: Call, method: Method, head: Head, seconds: float | None = None) -> None:
        """Find out who asks, and whether they may: now, and for `seconds` where they ask for so many.

        Raises UnauthenticatedError, ForbiddenError, QuotaExceededError.
        """
        if seconds is not None:
            call.allow(min(seconds, self._most_seconds))
        if method.public:
            return
        call.client = client = await self._access.client(head.authorization, head.api_key, call.until)
        if method.scope is not None:
            client.require(method.scope)
        try:
            call.ticket = self._quotas.enter(client)
        except QuotaExceededError:
            call.ticket = self._quotas.refused(client)
            raise

    def admit(self, call: Call, method: Method, size: int) -> None:
        """Take room for one question or image, and for a body of `size` bytes. Raises OverloadedError."""
        if method.admission is not None:
            call.place = method.admission.enter(call.client_name, size, call.until)

    def released(self, call: Call) -> None:
        """Give back what a request holds, once its answer is known or nobody waits for it any more."""
        if call.place is not None:
            call.place.leave(answered=call.timing is not None or isinstance(call.error, DeadlineExceededError))
        if call.ticket is not None:
            call.ticket.leave()

    def closed(self, call: Call) -> None:
        """Tell what became of a request that holds nothing any more."""
        self._telemetry.ended(call)
