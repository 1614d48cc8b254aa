"""What the benchmark measures: every figure, its load, and the driver that makes it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from loadtest import grpc_driver, http_driver, in_process, wrk
from loadtest.isolated import isolated
from loadtest.meter import Round, Span
from loadtest.questions import grpc_messages, http_bodies, triton_messages
from loadtest.stack import HOST, MATCH_PATH, MODEL, Peer, Stack

IN_PROCESS, TRITON, HTTP, GRPC, PEER = (
    "In process", "Triton, gRPC", "Gateway, HTTP", "Gateway, gRPC", "FastAPI + onnxruntime",
)  # fmt: skip

MANY = 64
LIST = 32  # questions in a list or a batch

Drive = Callable[[Span], Round]


class Load(NamedTuple):
    """So many requests under way at a time, with so many questions each."""

    in_flight: int
    batch: int


ALONE, BUSY = Load(1, 1), Load(MANY, 1)
LISTS = Load(4, LIST)  # lists at a time: enough to keep all cores busy


@dataclass(frozen=True)
class Figure:
    """One line of the benchmark; `driver` says what makes the load."""

    group: str
    setting: str
    load: Load
    driver: str
    drive: Drive


def plan(stack: Stack, peer: Peer, questions: Sequence[str]) -> list[Figure]:
    """Return all figures, in the order in which they are measured and shown."""
    return [
        *_in_process(stack.folder / "model.onnx", questions),
        *_triton(f"{HOST}:{stack.triton_port}", questions),
        *_gateway_http(stack.http_port, questions),
        *_gateway_grpc(f"{HOST}:{stack.grpc_port}", questions),
        *_peer(peer.port, questions),
    ]


def _in_process(model: Path, questions: Sequence[str]) -> Iterator[Figure]:
    # The third row is what two cores can do at most: two engines that share nothing.
    for name, sessions, threads in (("1 thread", 1, 1), ("2 threads", 1, 2), ("2 sessions", 2, 1)):
        for batch in (1, 8, LIST):
            loop = partial(in_process.closed_loop, model, questions, batch=batch, sessions=sessions, threads=threads)
            driver = f"loadtest.in_process: sessions={sessions}, intra-op threads={threads}"
            yield Figure(IN_PROCESS, f"{name}, batch {batch}", Load(sessions, batch), driver, partial(_shorter, loop))


def _shorter(loop: Callable[..., Round], span: Span) -> Round:
    # Without a network and without other processes, a third of the time gives figures as steady.
    return isolated(loop, span=Span(span.warm_up / 3, span.seconds / 3))


def _triton(address: str, questions: Sequence[str]) -> Iterator[Figure]:
    for load in (ALONE, BUSY, LISTS):
        messages = triton_messages(questions, MODEL, load.batch)
        yield _grpc(TRITON, address, grpc_driver.MODEL_INFER, messages, load)


def _gateway_http(port: int, questions: Sequence[str]) -> Iterator[Figure]:
    for load in (ALONE, BUSY, LISTS):
        yield _http(HTTP, port, http_bodies(questions, load.batch), load)


def _gateway_grpc(address: str, questions: Sequence[str]) -> Iterator[Figure]:
    for load in (ALONE, BUSY):
        yield _grpc(GRPC, address, grpc_driver.MATCH_FAQ, grpc_messages(questions), load)


def _peer(port: int, questions: Sequence[str]) -> Iterator[Figure]:
    for load in (ALONE, BUSY):
        yield _http(PEER, port, http_bodies(questions), load)


def _grpc(group: str, address: str, method: str, messages: list[bytes], load: Load) -> Figure:
    def drive(span: Span) -> Round:
        return isolated(grpc_driver.closed_loop, address, method, messages, in_flight=load.in_flight, span=span)

    batch = "" if load.batch == 1 else f", batch {load.batch}"
    driver = f"loadtest.grpc_driver: {method}, one connection"
    return Figure(group, f"{load.in_flight} in flight{batch}", load, driver, drive)


def _http(group: str, port: int, bodies: list[str], load: Load) -> Figure:
    lists = "" if load.batch == 1 else f", lists of {load.batch}"
    connections = "1 connection" if load.in_flight == 1 else f"{load.in_flight} connections"
    version = wrk.version()
    driver = f"wrk {version}: one thread" if version else "loadtest.http_driver"
    return Figure(group, connections + lists, load, driver, http_drive(port, bodies, load.in_flight))


def grpc_drive(port: int, questions: Sequence[str], in_flight: int) -> Drive:
    """Return the load of single questions on the gateway's gRPC port."""
    (figure,) = (each for each in _gateway_grpc(f"{HOST}:{port}", questions) if each.load.in_flight == in_flight)
    return figure.drive


def http_drive(port: int, bodies: Sequence[str], connections: int) -> Drive:
    """Return the HTTP load on a port: wrk's where it is installed, else the project's own driver's."""
    if wrk.version():
        return partial(_wrk, f"http://{HOST}:{port}{MATCH_PATH}", bodies, connections)
    requests = [http_driver.post(HOST, port, MATCH_PATH, body) for body in bodies]
    return partial(_own, port, requests, connections)


def _wrk(url: str, bodies: Sequence[str], connections: int, span: Span) -> Round:
    return wrk.closed_loop(url, bodies, connections=connections, span=span)


def _own(port: int, requests: Sequence[bytes], connections: int, span: Span) -> Round:
    return isolated(http_driver.closed_loop, (HOST, port), requests, connections=connections, span=span)
