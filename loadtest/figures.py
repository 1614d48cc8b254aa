"""What a benchmark measures: figures, each with its load and the driver that makes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from loadtest import grpc_driver, http_driver, wrk
from loadtest.http_driver import Target
from loadtest.isolated import isolated
from loadtest.meter import Round, Span

Drive = Callable[[Span], Round]


class Kind(StrEnum):
    """How far into the stack a figure reaches."""

    IN_PROCESS = "in process"  # the engine alone: the limit that no server can pass
    TRITON = "triton"
    HTTP = "gateway http"
    GRPC = "gateway grpc"
    PEER = "peer"  # a service as most of this kind are written
    DESIGN_2019 = "design of 2019"
    PART = "part"  # a part of the work alone, decoding for instance


class Subject(NamedTuple):
    """What is measured: `group` heads its rows in the table, `engine` names what computes ("" when none does)."""

    kind: Kind
    group: str
    engine: str


class Load(NamedTuple):
    """So many requests under way at a time, with so many items (questions, images) each."""

    in_flight: int
    batch: int = 1


@dataclass(frozen=True)
class Figure:
    """One line of a benchmark; `driver` says what makes the load."""

    subject: Subject
    setting: str
    load: Load
    driver: str
    drive: Drive

    def __str__(self) -> str:
        return f"{self.subject.group}, {self.setting}"


def in_process_figure(subject: Subject, setting: str, load: Load, driver: str, loop: Callable[..., Round]) -> Figure:
    """Return a figure of `loop(span=...)`, a function of a module or a partial of one, in a process of its own.

    Without a network and without other processes, half of the time gives figures as steady.
    """

    def drive(span: Span) -> Round:
        return isolated(loop, span=Span(span.warm_up / 2, span.seconds / 2))

    return Figure(subject, setting, load, driver, drive)


def grpc_figure(subject: Subject, address: str, method: str, messages: Sequence[bytes], load: Load) -> Figure:
    """Return a figure of the gRPC driver; each message holds `load.batch` items."""

    def drive(span: Span) -> Round:
        return isolated(grpc_driver.closed_loop, address, method, messages, in_flight=load.in_flight, span=span)

    batch = "" if load.batch == 1 else f", {load.batch} each"
    driver = f"loadtest.grpc_driver: {method}, one connection"
    return Figure(subject, f"{load.in_flight} in flight{batch}", load, driver, drive)


def http_figure(subject: Subject, target: Target, bodies: Sequence[bytes], load: Load, *, slow: bool = False) -> Figure:
    """Return a figure of HTTP load; each body holds `load.batch` items. `slow` as in `http_drive`."""
    lists = "" if load.batch == 1 else f", {load.batch} each"
    connections = "1 connection" if load.in_flight == 1 else f"{load.in_flight} connections"
    driver = f"wrk {wrk.version()}: one thread" if _takes_wrk(slow=slow) else "loadtest.http_driver"
    return Figure(subject, connections + lists, load, driver, http_drive(target, bodies, load.in_flight, slow=slow))


def http_drive(target: Target, bodies: Sequence[bytes], connections: int, *, slow: bool = False) -> Drive:
    """Return HTTP load: wrk's where it is installed, else the project's own driver's.

    The own one also for `slow` requests, of a noticeable part of a second: wrk would leave those of its warm-up behind
    for the service to work off during the measurement.
    """
    if _takes_wrk(slow=slow):
        return partial(_wrk, target, bodies, connections)
    return partial(_own, target, [http_driver.post(target, body) for body in bodies], connections)


def _takes_wrk(*, slow: bool) -> bool:
    return not slow and wrk.version() is not None


def _wrk(target: Target, bodies: Sequence[bytes], connections: int, span: Span) -> Round:
    return wrk.closed_loop(target, bodies, connections=connections, span=span)


def _own(target: Target, requests: Sequence[bytes], connections: int, span: Span) -> Round:
    return isolated(http_driver.closed_loop, target.address, requests, connections=connections, span=span)
