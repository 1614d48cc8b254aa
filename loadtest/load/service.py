"""A service under load, whatever its protocol: it can be asked once, and be sent requests at the times they are due."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from loadtest.load.report import Target
from loadtest.openloop.fleet import Fleet
from loadtest.openloop.schedule import Seconds

PATIENCE = 10.0  # seconds that one request may take


class Answer(NamedTuple):
    """A good answer: how long it took, and the versions of what gave it, by name."""

    seconds: float
    served: Mapping[str, str]


class Pace(NamedTuple):
    """When requests are due, from how many processes, and how many seconds each reply is awaited."""

    due: Seconds
    processes: int
    patience: float


class Service(Protocol):
    """What a load is sent to."""

    @property
    def target(self) -> Target:
        """What is asked, where and how."""
        ...

    def ask(self) -> Answer:
        """Send one of the requests. Raises LoadTestError when it is not answered."""
        ...

    def start(self, pace: Pace) -> Fleet:
        """Start to send the requests in turn. Raises LoadTestError."""
        ...


def model_version(version: str, *details: str) -> str:
    """Return a version with what else says how it is served."""
    known = ", ".join(filter(None, details))
    return f"{version} ({known})" if known else version
