"""Calls and front doors for tests that go round the protocols."""

from time import monotonic

from gateway.access.access import Access
from gateway.access.client import ANONYMOUS
from gateway.call import Call
from gateway.front_door import FrontDoor
from gateway.limits.admission import Admission
from gateway.limits.quotas import Quotas
from gateway.settings import Settings
from gateway.telemetry.telemetry import Telemetry


def front_door(settings: Settings | None = None) -> FrontDoor:
    """Return a front door that everyone may pass."""
    settings = settings or Settings(log_requests="none")
    return FrontDoor(settings, Access(settings), Quotas(), Telemetry(settings))


def call(admission: Admission | None = None, seconds: float = 5.0) -> Call:
    """Return a call that was let in and whose body is there."""
    made = Call("http", "test", monotonic(), seconds, Telemetry(Settings()).trace(b""))
    made.client = ANONYMOUS
    if admission is not None:
        made.place = admission.enter("anonymous", 0, made.until)
    made.body_arrived(0)
    return made
