"""What is counted of requests and calls."""

import tracemalloc

import pytest

from gateway.call import CLIENT_GONE
from gateway.errors import STATUS, OverloadedError, ScoringError
from gateway.inference import ModelCall
from gateway.telemetry import families
from gateway.telemetry.counts import Counts, reason
from gateway.telemetry.traceparent import begin
from tests.gateway.telemetry.made_calls import made_call, refused_call


def test_an_answered_request_counts_once_everywhere() -> None:
    """Requests, items, sizes, duration and each stage."""
    counts = Counts()
    counts.ended(made_call(), "", 1.0)
    values = {family.name: series.values for family, series in counts.series.items()}
    assert values["scoring_requests_total"] == {("faq.match", "http", "200", "shop"): [1]}
    assert values["scoring_items_total"] == {("faq.match",): [2]}
    assert values["scoring_refusals_total"] == {}
    assert values["scoring_request_size_bytes"]["faq.match",][-1] == 70
    assert values["scoring_response_size_bytes"]["faq.match",][-1] == 900
    assert values["scoring_request_duration_seconds"]["faq.match", "http"][-1] == 1.0
    sums = {stage: numbers[-1] for (_, stage), numbers in values["scoring_stage_duration_seconds"].items()}
    assert sums == {"read": 0.0625, "decode": 0.125, "wait": 0.25, "infer": 0.5, "encode": 0.03125}


def test_a_refused_request_counts_by_its_reason() -> None:
    """It has no items, and none of the stages that it has not seen."""
    counts = Counts()
    call = refused_call(503, error=OverloadedError("full"), client="")
    counts.ended(call, reason(call.error, call.status), 0.001)
    assert counts.series[families.REQUESTS].values == {("faq.match", "http", "503", "-"): [1]}
    assert counts.series[families.REFUSALS].values == {("faq.match", "overloaded"): [1]}
    assert counts.series[families.STAGE].values == {}
    assert counts.series[families.ITEMS].values == {("faq.match",): [0]}


@pytest.mark.parametrize("kind", STATUS)
def test_every_error_has_a_reason(kind: type[ScoringError]) -> None:
    """It is the anchor of its description on the documentation page."""
    error = kind.__new__(kind)
    assert reason(error, 500) == STATUS[kind].slug


def test_requests_without_an_error_have_a_reason_too_if_they_failed() -> None:
    """The client hung up, or something answered by itself."""
    assert reason(None, 200) == ""
    assert reason(None, CLIENT_GONE) == "client-gone"
    assert reason(None, 400) == "other"
    assert reason(None, 0) == "other"


def test_a_recorded_request_is_the_example_of_its_bucket() -> None:
    """Its trace explains what the histogram shows; others have none that anybody could look at."""
    counts, trace = Counts(), begin(sampled=True)
    counts.ended(made_call(), "", 0.3)
    assert counts.exemplars == {}
    counts.ended(made_call(trace=trace), "", 0.3)
    ((bucket, exemplar),) = counts.exemplars["faq.match", "http"].items()
    assert families.SECONDS[bucket - 1] < 0.3 <= families.SECONDS[bucket]
    assert (exemplar.trace_id, exemplar.value) == (trace.trace_id.hex(), 0.3)


def test_requests_are_in_flight_until_they_end() -> None:
    """Both ways of ending count."""
    counts = Counts()
    for _ in range(3):
        counts.began("faq.match")
    counts.ended(made_call(), "", 1.0)
    counts.ended(refused_call(499), "client-gone", 1.0)
    assert counts.in_flight == {"faq.match": 1}


@pytest.mark.parametrize(
    ("error", "outcome"),
    [("", "ok"), ("DeadlineExceededError", "deadline-exceeded"), ("Cancelled", "cancelled"), ("Odd", "other")],
)
def test_calls_count_by_model_and_outcome(error: str, outcome: str) -> None:
    """With how many inputs they had, and how long they took."""
    counts = Counts()
    counts.called(ModelCall("faq_matcher", None, [], 10.0, 10.5, 3, error))
    assert counts.series[families.CALLS].values == {("faq_matcher", outcome): [1]}
    assert counts.series[families.BATCH].values["faq_matcher",][-1] == 3
    assert counts.series[families.CALL_DURATION].values["faq_matcher",][-1] == 0.5


def test_ever_new_clients_methods_and_statuses_fill_no_memory() -> None:
    """Ten thousand of each are bounded, and all of them are counted."""
    counts = Counts()

    def attack(start: int) -> None:
        for number in range(start, start + 5_000):
            call = made_call(f"method-{number}", client=f"client-{number}", status=number)
            counts.began(call.method)
            counts.ended(call, f"reason-{number}", 1.0)
            counts.called(ModelCall(f"model-{number}", None, [], 0.0, 1.0, 1, f"error-{number}"))

    attack(0)
    tracemalloc.start()
    attack(5_000)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(numbers[0] for numbers in counts.series[families.REQUESTS].values.values()) == 10_000
    assert all(len(series.values) <= 2_049 for series in counts.series.values())
    assert len({key[3] for key in counts.series[families.REQUESTS].values}) <= 51
    assert len(counts.in_flight) <= 31
    assert grown < 100_000
