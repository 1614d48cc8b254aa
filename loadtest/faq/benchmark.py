"""The FAQ's benchmark: start everything, prove that all answer alike, measure, report; and how to read the report."""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import msgspec

from loadtest import environment, goals
from loadtest.bench import Duration, OnStep, measure, now, shown, typed_command
from loadtest.disturbance import Disturbance
from loadtest.faq import agreement
from loadtest.faq.plan import GRPC, HTTP, LIST, MANY, MATCH_PATH, MODEL, PEER, TRITON, plan
from loadtest.faq.questions import TOP_K
from loadtest.figures import Kind, Subject
from loadtest.goals import Goal
from loadtest.isolated import isolated
from loadtest.meter import Span
from loadtest.plot import Bar, Panel, Panels
from loadtest.report import Measured, ModelFacts, Report, Settings, fastest
from loadtest.stack import HOST, Peer, Stack, check_published, peer, product

NAME = "faq"
FULL = Duration(rounds=3, span=Span(warm_up=1.0, seconds=3.0))
QUICK = Duration(rounds=1, span=Span(warm_up=1.0, seconds=1.0))
# What the gateway is built to reach: a multiple of the peer's throughput, and milliseconds for a lone question.
GOAL_OF_PEER = 2.5
GOAL_P99_MS = 5.0
_COMPARED = 50  # questions that every contender must answer alike


def check(repository: Path) -> None:
    """Raise LoadTestError when there is nothing to measure."""
    check_published(repository, MODEL, "publish one with: scoring convert faq")


def run(repository: Path, questions: Sequence[str], duration: Duration, on_step: OnStep) -> Report:
    """Measure everything on this machine. Raises LoadTestError, also when a single request failed."""
    check(repository)
    hardware = environment.hardware()  # before our own load
    started, disturbance = now(), Disturbance()
    with ExitStack() as services:
        on_step("starting Triton and the gateway", 0, 1)
        stack = services.enter_context(product(repository, [MODEL]))
        on_step("starting the peer", 0, 1)
        beside = services.enter_context(peer("fastapi_faq", stack.folders[MODEL]))
        on_step("comparing answers", 0, 1)
        _check_agreement(stack, beside, questions)
        figures = measure(plan(stack, beside, questions), duration, on_step, disturbance)
    card = msgspec.json.decode((stack.folders[MODEL] / "model.json").read_bytes(), type=_Card)
    best = fastest([each for each in figures if each.kind == Kind.IN_PROCESS])
    assert best is not None
    return Report(
        benchmark=NAME,
        title=f"FAQ matching, {card.entries} entries",
        unit="questions",
        created=started,
        command=typed_command(),
        workload=f"{len(questions):,} different questions, {TOP_K} matches each",
        settings=Settings(duration.rounds, *duration.span, busy=MANY),
        hardware=hardware,
        disturbance=disturbance.share,
        versions=environment.versions(stack.triton_version),
        revision=environment.revision(),
        models=[ModelFacts(card.model, card.version, card.digest, "onnxruntime-cpu", "fp32")],
        services={"product": shown(stack.server.command), "peer": shown(beside.server.command)},
        figures=figures,
        remarks=[f"The limit: {best.setting} in process, canonical text in, ids and probabilities out."],
    )


def _check_agreement(stack: Stack, peer: Peer, questions: Sequence[str]) -> None:
    contenders = {
        TRITON.group: partial(agreement.ask_triton, stack.triton_address, MODEL),
        HTTP.group: partial(agreement.ask_http, f"http://{HOST}:{stack.http_port}{MATCH_PATH}"),
        GRPC.group: partial(agreement.ask_gateway_grpc, stack.grpc_address),
        PEER.group: partial(agreement.ask_http, f"http://{HOST}:{peer.port}{MATCH_PATH}"),
    }
    isolated(agreement.check, questions[:_COMPARED], stack.folders[MODEL] / "model.onnx", contenders)


def judge(report: Report) -> list[Goal]:
    """Return the goals with what the run gave."""
    ratio = report.of_peer(report.find(HTTP.group, MANY))
    p99 = report.find(HTTP.group, 1).p99_ms
    assert ratio is not None
    return [
        goals.at_least(f"{HTTP.group}, {MANY} connections, against {PEER.group}", ratio, GOAL_OF_PEER),
        goals.under(f"{HTTP.group}, 1 connection, p99", p99, GOAL_P99_MS, "ms"),
    ]


def panels(report: Report) -> Panels:
    """Return what the plot shows."""
    served = (TRITON, HTTP, GRPC, PEER)
    single = [_bar(report, subject, MANY) for subject in served]
    lists = [Bar(each.group, each) for each in report.figures if each.batch == LIST and each.kind != Kind.IN_PROCESS]
    alone = [_bar(report, subject, 1) for subject in served]
    many = f"One question per request, {MANY} at a time: questions per second"
    return Panels(
        left=[
            Panel(many, [*_in_process(report, 1), *single]),
            Panel(f"{LIST} questions per request: questions per second", [*_in_process(report, LIST), *lists]),
        ],
        right=[Panel("One question at a time: milliseconds", alone, latency=True)],
    )


def _bar(report: Report, subject: Subject, in_flight: int) -> Bar:
    return Bar(subject.group, report.find(subject.group, in_flight))


def _in_process(report: Report, batch: int) -> list[Bar]:
    best: Measured | None = fastest(report.of_kind(Kind.IN_PROCESS, batch=batch))
    return [Bar(f"{best.group}\n{best.setting}", best)] if best else []


class _Card(msgspec.Struct):
    model: str
    version: int
    digest: str
    entries: int
