"""A report as a run makes it, with figures that are easy to check."""

from loadtest.environment import Hardware, Revision
from loadtest.figures import ALONE, BUSY, GRPC, HTTP, IN_PROCESS, LISTS, PEER, TRITON, Load
from loadtest.meter import Round
from loadtest.report import Measured, ModelFacts, Report, Settings, measured


def sample_report(**changes: float) -> Report:
    """Return a report in which the gateway gets 6,000 questions/s over HTTP, the peer 2,000 and the engine 50,000."""
    settings = {"gateway": 6000.0, "peer": 2000.0, "p99": 2.0, "load_average": 0.1, **changes}
    return Report(
        created="2026-11-23T08:00:00+00:00",
        command="scoring bench",
        settings=Settings(rounds=3, warm_up=1.0, seconds=3.0, questions=1152, top_k=3),
        hardware=Hardware("Example CPU", 2, 16.0, "Linux 6.1", settings["load_average"]),
        versions={"python": "3.11.7", "triton": "2.51.0", "onnxruntime": "1.32.0"},
        revision=Revision("0123456789abcdef", modified=False),
        model=ModelFacts("faq_matcher", 4, "d1f0", 96),
        services={"product": "scoring serve", "peer": "uvicorn app"},
        figures=[
            _figure(IN_PROCESS, "1 thread, batch 1", Load(1, 1), 10_000),
            _figure(IN_PROCESS, "2 sessions, batch 32", Load(2, 32), 50_000),
            _figure(TRITON, "1 in flight", ALONE, 1000),
            _figure(TRITON, "64 in flight", BUSY, 5000),
            _figure(TRITON, "4 in flight, batch 32", LISTS, 25_000),
            _figure(HTTP, "1 connection", ALONE, 800, settings["p99"]),
            _figure(HTTP, "64 connections", BUSY, settings["gateway"]),
            _figure(HTTP, "4 connections, lists of 32", LISTS, 12_000),
            _figure(GRPC, "1 in flight", ALONE, 600),
            _figure(GRPC, "64 in flight", BUSY, 3000),
            _figure(PEER, "1 connection", ALONE, 1000),
            _figure(PEER, "64 connections", BUSY, settings["peer"]),
        ],
    )


def _figure(group: str, setting: str, load: Load, questions_per_s: float, p99: float = 9.0) -> Measured:
    requests = round(questions_per_s * 3 / load.batch)
    rounds = [Round(requests, 3.0, 0, p50_ms=0.8, p99_ms=p99)] * 3
    return measured(group, setting, load, "driver", rounds)
