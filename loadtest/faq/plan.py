"""The figures of the FAQ's benchmark."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from loadtest import grpc_driver
from loadtest.environment import cores
from loadtest.faq import in_process
from loadtest.faq.questions import bodies_2019, grpc_messages, http_bodies, triton_messages
from loadtest.figures import Drive, Figure, Kind, Load, Subject, grpc_figure, http_drive, http_figure, in_process_figure
from loadtest.http_driver import Target
from loadtest.stack import HOST, Peer, Stack

MODEL = "faq_matcher"
MATCH_PATH = "/v1/faq/match"
ENGINE = "ONNX Runtime"
IN_PROCESS = Subject(Kind.IN_PROCESS, "In process", ENGINE)
TRITON = Subject(Kind.TRITON, "Triton, gRPC", ENGINE)
HTTP = Subject(Kind.HTTP, "Gateway, HTTP", ENGINE)
GRPC = Subject(Kind.GRPC, "Gateway, gRPC", ENGINE)
PEER = Subject(Kind.PEER, "FastAPI + onnxruntime", ENGINE)
DESIGN_2019 = Subject(Kind.DESIGN_2019, "2019: Flask + pairs", "scikit-learn")
SERVED = (TRITON, HTTP, GRPC, PEER, DESIGN_2019)

MANY = 64
LIST = 32  # questions in a list or a batch
ALONE, BUSY = Load(1), Load(MANY)
LISTS = Load(4, LIST)  # lists at a time: enough to keep all cores busy


def plan(stack: Stack, peers: Mapping[Kind, Peer], questions: Sequence[str]) -> list[Figure]:
    """Return all figures, in the order in which they are measured and shown."""
    return [
        *_in_process(stack.folders[MODEL] / "model.onnx", questions),
        *_triton(stack.triton_address, questions),
        *_gateway_http(stack.http_port, questions),
        *_gateway_grpc(stack.grpc_address, questions),
        *(figure for kind, peer in peers.items() for figure in _peer(kind, peer.port, questions)),
    ]


def _in_process(model: Path, questions: Sequence[str]) -> Iterator[Figure]:
    # Several sessions share nothing: the most that all cores can do.
    names = {1: "1 thread"} | ({cores(): f"{cores()} sessions"} if cores() > 1 else {})
    for sessions, name in names.items():
        for batch in (1, LIST):
            loop = partial(in_process.closed_loop, model, questions, batch=batch, sessions=sessions, threads=1)
            driver = f"loadtest.faq.in_process: sessions={sessions}, intra-op threads=1"
            setting = f"{name}, batch {batch}"
            yield in_process_figure(IN_PROCESS, setting, Load(sessions, batch), driver, loop)


def _triton(address: str, questions: Sequence[str]) -> Iterator[Figure]:
    for load in (ALONE, BUSY, LISTS):
        messages = triton_messages(questions, MODEL, load.batch)
        yield grpc_figure(TRITON, address, grpc_driver.MODEL_INFER, messages, load)


def _gateway_http(port: int, questions: Sequence[str]) -> Iterator[Figure]:
    for load in (ALONE, BUSY, LISTS):
        yield http_figure(HTTP, target(port), http_bodies(questions, load.batch), load)


def _gateway_grpc(address: str, questions: Sequence[str]) -> Iterator[Figure]:
    for load in (ALONE, BUSY):
        yield grpc_figure(GRPC, address, grpc_driver.MATCH_FAQ, grpc_messages(questions), load)


def _peer(kind: Kind, port: int, questions: Sequence[str]) -> Iterator[Figure]:
    for load in (ALONE, BUSY):
        if kind == Kind.PEER:
            yield http_figure(PEER, target(port), http_bodies(questions), load)
        else:
            yield http_figure(DESIGN_2019, score_target(port), bodies_2019(questions), load, slow=True)


def target(port: int) -> Target:
    """Return where a server on this machine takes questions."""
    return Target(HOST, port, MATCH_PATH)


def score_target(port: int) -> Target:
    """Return where a service of 2019 on this machine takes questions."""
    return Target(HOST, port, "/score")


def load_over(protocol: str, stack: Stack, questions: Sequence[str]) -> Drive:
    """Return the load of MANY single questions at a time on the gateway, over `http` or `grpc`."""
    if protocol == "http":
        return http_drive(target(stack.http_port), http_bodies(questions), MANY)
    return grpc_figure(GRPC, stack.grpc_address, grpc_driver.MATCH_FAQ, grpc_messages(questions), BUSY).drive
