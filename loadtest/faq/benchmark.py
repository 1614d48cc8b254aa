"""The FAQ's part of the benchmark: what is asked of whom, the proof that all answer alike, goals and pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from loadtest import goals
from loadtest.faq import agreement, plan
from loadtest.faq.plan import HTTP, LIST, MANY, MODEL, target
from loadtest.faq.questions import TOP_K
from loadtest.figures import Figure, Kind
from loadtest.goals import Goal
from loadtest.isolated import isolated
from loadtest.plot import Bar, Panel
from loadtest.report import Measured, ModelFacts, Section, fastest
from loadtest.stack import Peer, Stack, check_published

NAME = "faq"
# What the gateway is built to reach: a multiple of the peer's throughput, and milliseconds for a lone question.
GOAL_OF_PEER = 2.5
GOAL_P99_MS = 5.0
_COMPARED = 50  # questions that every contender must answer alike


def check(repository: Path) -> None:
    """Raise LoadTestError when there is nothing to measure."""
    check_published(repository, MODEL, "publish one with: scoring convert faq")


@dataclass(frozen=True)
class FaqBenchmark:
    """The questions, the product, and its peers by kind."""

    stack: Stack
    peers: dict[Kind, Peer]
    questions: Sequence[str]

    def prove(self) -> None:
        """Compare the answers of all who run the same model. Raises LoadTestError."""
        ask_http, stack = agreement.ask_http, self.stack
        contenders: dict[str, agreement.Ask] = {
            plan.TRITON.group: partial(agreement.ask_triton, stack.triton_address, MODEL),
            HTTP.group: partial(ask_http, target(stack.http_port).url),
            plan.GRPC.group: partial(agreement.ask_gateway_grpc, stack.grpc_address),
        }
        if Kind.PEER in self.peers:
            contenders[plan.PEER.group] = partial(ask_http, target(self.peers[Kind.PEER].port).url)
        asked = self.questions[:_COMPARED]
        isolated(agreement.check, asked, stack.folders[MODEL] / "model.onnx", contenders)
        if Kind.DESIGN_2019 in self.peers:
            agreement.check_ranking(plan.score_target(self.peers[Kind.DESIGN_2019].port), asked, self._card().entries)

    def figures(self) -> list[Figure]:
        """Return what is measured."""
        return plan.plan(self.stack, self.peers, self.questions)

    def section(self, figures: Sequence[Measured]) -> Section:
        """Return the report's section of the measured figures."""
        card = self._card()
        best = fastest([each for each in figures if each.kind == Kind.IN_PROCESS])
        assert best is not None
        remarks = [f"Its limit: {best.setting} in process, canonical text in, ids and probabilities out."]
        if Kind.DESIGN_2019 in self.peers:
            remarks.append(f"{plan.DESIGN_2019.group}: another model, of which the speed alone is compared.")
        return Section(
            benchmark=NAME,
            title="FAQ matching",
            details=f"{card.entries} entries",
            unit="questions",
            workload=f"{len(self.questions):,} different questions, {TOP_K} matches each",
            busy=MANY,
            models=[ModelFacts(card.model, card.version, card.digest, "onnxruntime-cpu", "fp32")],
            figures=list(figures),
            remarks=remarks,
        )

    def _card(self) -> "_Card":
        return msgspec.json.decode((self.stack.folders[MODEL] / "model.json").read_bytes(), type=_Card)


def judge(section: Section) -> list[Goal]:
    """Return the goals with what the run gave."""
    ratio = section.of_peer(section.find(HTTP.group, MANY), Kind.PEER)
    p99 = section.find(HTTP.group, 1).p99_ms
    found = [goals.under(f"{HTTP.group}, 1 connection, p99", p99, GOAL_P99_MS, "ms")]
    if ratio is not None:
        what = f"{HTTP.group}, {MANY} connections, against {plan.PEER.group}"
        found.insert(0, goals.at_least(what, ratio, GOAL_OF_PEER))
    return found


def throughputs(section: Section) -> list[Panel]:
    """Return what the plot shows of questions per second."""
    lists = [Bar(each.group, each) for each in section.figures if each.batch == LIST and each.kind != Kind.IN_PROCESS]
    return [
        Panel(f"One question per request, {MANY} at a time: questions per second",
              [*_in_process(section, 1), *_bars(section, MANY)]),
        Panel(f"{LIST} questions per request, {plan.LISTS.in_flight} at a time: questions per second",
              [*_in_process(section, LIST), *lists]),
    ]  # fmt: skip


def latencies(section: Section) -> list[Panel]:
    """Return what the plot shows of milliseconds."""
    return [Panel("One question at a time: milliseconds", _bars(section, 1), latency=True)]


def _bars(section: Section, in_flight: int) -> list[Bar]:
    found = [(subject, section.of_kind(subject.kind, in_flight, 1)) for subject in plan.SERVED]
    return [Bar(subject.group, figures[0]) for subject, figures in found if figures]


def _in_process(section: Section, batch: int) -> list[Bar]:
    best: Measured | None = fastest(section.of_kind(Kind.IN_PROCESS, batch=batch))
    return [Bar(f"{best.group}\n{best.setting}", best)] if best else []


class _Card(msgspec.Struct):
    model: str
    version: int
    digest: str
    entries: int
