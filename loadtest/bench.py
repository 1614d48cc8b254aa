"""One run of the benchmark: start everything, prove that all answer alike, measure in turns, report."""

import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from loadtest import agreement, environment
from loadtest.errors import LoadTestError
from loadtest.figures import GRPC, HTTP, PEER, TRITON, Figure, plan
from loadtest.isolated import isolated
from loadtest.meter import Round, Span
from loadtest.processes import Server
from loadtest.questions import TOP_K
from loadtest.report import Measured, ModelFacts, Report, Settings, measured
from loadtest.stack import HOST, MATCH_PATH, MODEL, Peer, Stack, check_published, fastapi_peer, product

_COMPARED = 50  # questions that every contender must answer alike

OnStep = Callable[[str, int, int], None]  # what is done now, steps done, steps in all


class Duration(NamedTuple):
    """Rounds of each figure, and the length of each."""

    rounds: int
    span: Span


FULL = Duration(rounds=3, span=Span(warm_up=1.0, seconds=3.0))
QUICK = Duration(rounds=1, span=Span(warm_up=1.0, seconds=1.0))


def run(repository: Path, questions: Sequence[str], duration: Duration, on_step: OnStep) -> Report:
    """Measure everything on this machine. Raises LoadTestError, also when a single request failed."""
    check_published(repository)
    hardware = environment.hardware()  # before our own load
    started = datetime.now(UTC).isoformat(timespec="seconds")
    with ExitStack() as services:
        on_step("starting Triton and the gateway", 0, 1)
        stack = services.enter_context(product(repository))
        on_step("starting the peer", 0, 1)
        peer = services.enter_context(fastapi_peer(stack.folder))
        on_step("comparing answers", 0, 1)
        _check_agreement(stack, peer, questions)
        figures = measure(plan(stack, peer, questions), duration, on_step)
    return Report(
        created=started,
        command=shlex.join(["scoring", *sys.argv[1:]]),
        settings=Settings(duration.rounds, *duration.span, len(questions), TOP_K),
        hardware=hardware,
        versions=environment.versions(stack.triton_version),
        revision=environment.revision(),
        model=msgspec.json.decode((stack.folder / "model.json").read_bytes(), type=_Card).facts(),
        services={"product": _shown(stack.server), "peer": _shown(peer.server)},
        figures=figures,
    )


def measure(figures: Sequence[Figure], duration: Duration, on_step: OnStep) -> list[Measured]:
    """Measure all figures once, then all once more: what disturbs the machine for a while disturbs all alike."""
    rounds: list[list[Round]] = [[] for _ in figures]
    total = duration.rounds * len(figures)
    for turn in range(duration.rounds):
        for index, figure in enumerate(figures):
            on_step(f"{figure.group}, {figure.setting}", turn * len(figures) + index, total)
            rounds[index].append(_checked(figure, figure.drive(duration.span)))
    on_step("done", total, total)
    return [
        measured(each.group, each.setting, each.load, each.driver, seen)
        for each, seen in zip(figures, rounds, strict=True)
    ]


def _checked(figure: Figure, outcome: Round) -> Round:
    if outcome.errors or not outcome.requests:
        raise LoadTestError(
            f"{figure.group}, {figure.setting}: {outcome.errors} requests failed, {outcome.requests} succeeded",
            "figures with failures mean nothing; start the service alone and look at its log",
        )
    return outcome


def _check_agreement(stack: Stack, peer: Peer, questions: Sequence[str]) -> None:
    contenders = {
        TRITON: partial(agreement.ask_triton, f"{HOST}:{stack.triton_port}", MODEL),
        HTTP: partial(agreement.ask_http, f"http://{HOST}:{stack.http_port}{MATCH_PATH}"),
        GRPC: partial(agreement.ask_gateway_grpc, f"{HOST}:{stack.grpc_port}"),
        PEER: partial(agreement.ask_http, f"http://{HOST}:{peer.port}{MATCH_PATH}"),
    }
    isolated(agreement.check, questions[:_COMPARED], stack.folder / "model.onnx", contenders)


def _shown(server: Server) -> str:
    # As a user would type it: the environment's place on this machine is nobody's business.
    words = server.command[2:] if server.command[1] == "-m" else server.command
    return shlex.join([Path(words[0]).name, *words[1:]])


class _Card(msgspec.Struct):
    model: str
    version: int
    digest: str
    entries: int

    def facts(self) -> ModelFacts:
        return ModelFacts(self.model, self.version, self.digest, self.entries)
