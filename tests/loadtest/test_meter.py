"""The clock of a closed loop."""

import math
import time
from itertools import count, repeat
from time import perf_counter

import pytest

from loadtest.meter import Meter, Span, percentile, timed_calls


@pytest.mark.parametrize(
    ("percent", "expected"), [(50, 50), (99, 99), (99.5, 100), (100, 100), (1, 1), (0.5, 1), (0, 1)]
)
def test_percentile_is_the_nearest_rank(percent: float, expected: int) -> None:
    """Of the numbers 1 to 100, the percentile is the smallest that so many per cent do not exceed."""
    assert percentile(range(1, 101), percent) == expected


def test_percentile_of_nothing_is_not_a_number() -> None:
    """Without a request there is no latency, not one of zero."""
    assert math.isnan(percentile([], 99))


def test_round_counts_what_ended_within_it() -> None:
    """Requests of the warm-up and those after the end leave no trace in rate and latencies."""
    meter = Meter(Span(warm_up=0.05, seconds=0.1))
    meter.record(perf_counter() - 60, ok=True)
    time.sleep(0.06)
    for milliseconds in (10, 20, 30):
        meter.record(perf_counter() - milliseconds / 1e3, ok=True)
    before = meter.over
    time.sleep(0.1)
    meter.record(perf_counter() - 60, ok=True)
    seen = meter.round()
    assert (before, meter.over) == (False, True)
    assert (seen.requests, seen.errors, seen.rate) == (3, 0, 30)
    assert seen.p50_ms == pytest.approx(20, abs=1)
    assert seen.p99_ms == pytest.approx(30, abs=1)


def test_errors_of_the_warm_up_count() -> None:
    """A failure is not excused by its time, and its latency is not mixed with those of successes."""
    meter = Meter(Span(warm_up=60, seconds=60))
    meter.record(perf_counter(), ok=False)
    assert (meter.round().errors, meter.round().requests) == (1, 0)


def test_long_calls_are_counted_whole() -> None:
    """A round ends with a call: calls that take a third of it give the rate that they have."""
    seen = timed_calls(lambda _: time.sleep(0.06), repeat(None), Span(warm_up=0.01, seconds=0.16))
    assert seen.requests == 3
    assert seen.seconds >= 0.18
    assert seen.rate == pytest.approx(1 / 0.06, rel=0.2)
    assert 60 <= seen.p50_ms <= seen.p99_ms


def test_call_longer_than_the_round_is_measured() -> None:
    """One call to warm up and one that counts are made in any case, each with a feed of its own."""
    fed: list[int] = []

    def call(feed: int) -> None:
        fed.append(feed)
        time.sleep(0.03)

    seen = timed_calls(call, count(), Span(warm_up=0, seconds=0.001))
    assert (seen.requests, fed) == (1, [0, 1])
    assert seen.p50_ms >= 30
