"""Telemetry as the gateway uses it: metrics, log and traces of what has ended, in one call."""

import json
import subprocess
import sys

import pytest

from gateway.errors import OverloadedError
from gateway.inference import ModelCall
from gateway.settings import Settings
from gateway.telemetry.telemetry import Telemetry
from tests.gateway.telemetry.made_calls import made_call, refused_call
from tests.gateway.telemetry.metrics_text import read, value
from tests.otlp_collector import running_collector

SAMPLED = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = SAMPLED[:-1] + b"0"


def test_without_a_collector_only_callers_decide_about_recording() -> None:
    """Their flag goes on to Triton; a trace that begins here would reach nobody."""
    telemetry = Telemetry(Settings(trace_ratio=1.0))
    assert telemetry.trace(SAMPLED).sampled
    assert not telemetry.trace(b"").sampled
    assert not telemetry.trace(UNSAMPLED).sampled


def test_the_ratio_decides_about_traces_that_begin_here() -> None:
    """The others follow their flag."""
    with running_collector() as collector:
        always = Telemetry(Settings(otlp_endpoint=collector.url, trace_ratio=1.0))
        never = Telemetry(Settings(otlp_endpoint=collector.url, trace_ratio=0.0))
        half = Telemetry(Settings(otlp_endpoint=collector.url, trace_ratio=0.5))
    assert always.trace(b"").sampled
    assert always.trace(b"nonsense").sampled
    assert not always.trace(UNSAMPLED).sampled
    assert not never.trace(b"").sampled
    assert never.trace(SAMPLED).sampled
    assert 300 < sum(half.trace(b"").sampled for _ in range(1_000)) < 700


async def test_one_call_counts_and_traces_a_request() -> None:
    """What is not recorded is counted all the same; the end sends what is left."""
    with running_collector() as collector:
        telemetry = Telemetry(Settings(otlp_endpoint=collector.url, trace_ratio=0.0))
        await telemetry.start()
        call = made_call(trace=telemetry.trace(SAMPLED))
        telemetry.began(call)
        telemetry.ended(call)
        refused = refused_call(503, error=OverloadedError("full"))
        telemetry.began(refused)
        telemetry.ended(refused)
        telemetry.called(ModelCall("faq_matcher", call.trace.child(), [call.trace], 1.0, 1.5, 2, ""))
        telemetry.called(ModelCall("faq_matcher", None, [], 1.0, 1.5, 2, ""))
        await telemetry.close()
    assert [span.name for span in collector.spans] == [
        "faq.match", "read", "decode", "wait", "infer", "encode", "inference.GRPCInferenceService/ModelInfer",
    ]  # fmt: skip
    assert {span.trace_id for span in collector.spans} == {"0af7651916cd43dd8448eb211c80319c"}
    text = telemetry.exposition()
    assert value(text, "scoring_refusals_total", method="faq.match", reason="overloaded") == 1
    assert value(text, "scoring_model_calls_total", model="faq_matcher", outcome="ok") == 2
    assert value(text, "scoring_requests_in_flight", method="faq.match", worker="0") == 0
    assert value(text, "scoring_spans_exported_total") == 7


def test_watched_gauges_and_facts_are_shown() -> None:
    """With the number of the worker."""
    telemetry = Telemetry(Settings(), worker=2)
    telemetry.watch("scoring_waiting_items", {"model": "faq_matcher"}, lambda: 5)
    telemetry.tell("scoring_model_info", "faq_matcher", lambda: {"model": "faq_matcher", "version": "4"})
    text = telemetry.exposition()
    assert value(text, "scoring_waiting_items", model="faq_matcher", worker="2") == 5
    info = {"model": "faq_matcher", "version": "4", "worker": "2"}
    assert value(text, "scoring_model_info", **info) == 1


def test_two_telemetries_of_one_process_share_nothing() -> None:
    """No registry is global."""
    one, other = Telemetry(Settings()), Telemetry(Settings())
    one.ended(made_call())
    assert not any(name == "scoring_requests_total" for name, _ in read(other.exposition()))


LOGGED = """
import sys
from gateway.settings import Settings
from gateway.telemetry.logs import set_up_logging
from gateway.telemetry.telemetry import Telemetry
from tests.gateway.telemetry.made_calls import made_call, refused_call
settings = Settings(log_requests=sys.argv[1])
set_up_logging(settings)
telemetry = Telemetry(settings)
telemetry.ended(made_call())
telemetry.ended(refused_call(400))
assert "opentelemetry" not in sys.modules, "half a second and 20 MB for nobody"
"""


@pytest.mark.parametrize(("choice", "statuses"), [("all", [200, 400]), ("errors", [400]), ("none", [])])
def test_the_settings_say_which_requests_are_logged(choice: str, statuses: list[int]) -> None:
    """All, those that got no answer, or none; on standard error."""
    command = [sys.executable, "-c", LOGGED, choice]
    log = subprocess.run(command, stderr=subprocess.PIPE, check=True, timeout=60).stderr
    assert [json.loads(line)["status"] for line in log.splitlines()] == statuses


def test_without_a_log_no_request_is_logged(capfd: pytest.CaptureFixture[str]) -> None:
    """Whoever embeds the gateway keeps standard error for himself."""
    Telemetry(Settings()).ended(made_call())
    assert capfd.readouterr().err == ""
