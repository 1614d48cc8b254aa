"""What a Locust run is held to."""

from typing import TYPE_CHECKING

import pytest

from loadtest.errors import LoadTestError
from loadtest.locust_users.failures import RequestFailedError
from loadtest.locust_users.objectives import grid, judged, parse, three_digits

if TYPE_CHECKING:
    from locust.stats import RequestStats

NAMES = ("faq", "image")


def _verdicts(stats: "RequestStats", *texts: str) -> list[tuple[str, str, bool]]:
    goals = judged([parse(text, NAMES) for text in texts], stats)
    return [(goal.what, goal.shown, goal.met) for goal in goals]


def _log(stats: "RequestStats", protocol: str, name: str, *latencies: float) -> None:
    for latency in latencies:
        stats.log_request(protocol, name, latency, 10)  # type: ignore[arg-type]  # Locust takes fractions


def _fail(stats: "RequestStats", protocol: str, name: str, text: str) -> None:
    stats.log_request(protocol, name, None, 0)  # type: ignore[arg-type]  # as clients log what got no answer
    stats.log_error(protocol, name, RequestFailedError(text))


def test_all_requests_together(stats: "RequestStats") -> None:
    """Without a name a bound holds for everything that was asked."""
    _log(stats, "HTTP", "faq", *[10.0] * 99)
    _log(stats, "gRPC", "image", 900.0)
    assert _verdicts(stats, "p50<10ms,max<800ms,errors<0.1%") == [
        ("all requests: p50", "10.00 ms", True),
        ("all requests: max", "900.00 ms", False),
        ("all requests: errors", "0.000%", True),
    ]


def test_requests_of_a_name(stats: "RequestStats") -> None:
    """With a name it holds for each protocol by itself, and other requests do not count."""
    _log(stats, "HTTP", "faq", 10.0)
    _log(stats, "gRPC", "faq", 30.0)
    _log(stats, "HTTP", "image", 500.0)
    assert _verdicts(stats, "faq: p99<20ms") == [
        ("faq over HTTP: p99", "10.00 ms", True),
        ("faq over gRPC: p99", "30.00 ms", False),
    ]


def test_latencies_of_answers_alone(stats: "RequestStats") -> None:
    """Refusals and errors are shares of all requests, and flatter no percentile."""
    _log(stats, "HTTP", "faq", *[100.0] * 6)
    for _ in range(3):
        _fail(stats, "HTTP", "faq", "refused: 503 overloaded, try again in 1 s")
    _fail(stats, "HTTP", "faq", "500 internal")
    assert _verdicts(stats, "faq: p50<99ms,refused<30%,errors<10%") == [
        ("faq over HTTP: p50", "100.00 ms", False),
        ("faq over HTTP: refused", "30.000%", True),
        ("faq over HTTP: errors", "10.000%", True),
    ]


def test_rate_of_answers(stats: "RequestStats") -> None:
    """Only answers count towards a rate, over the whole run."""
    stats.total.start_time = 1000.0
    _log(stats, "HTTP", "faq", *[5.0] * 30)
    _fail(stats, "HTTP", "faq", "500 internal")
    stats.total.last_request_timestamp = 1010.0
    assert _verdicts(stats, "rate>2.9/s,rate>3.1/s") == [
        ("all requests: rate", "3.0/s", True),
        ("all requests: rate", "3.0/s", False),
    ]


def test_nothing_was_asked(stats: "RequestStats") -> None:
    """Every objective is missed where there is nothing to judge it by."""
    met = [met for _, _, met in _verdicts(stats, "p99<1s,errors<1%,refused<1%,rate>1", "image: p50<1s")]
    assert met == [False] * 5


def test_nothing_was_answered(stats: "RequestStats") -> None:
    """There is no latency to judge, however quick the failures were."""
    _fail(stats, "HTTP", "faq", "500 internal")
    assert _verdicts(stats, "p99<1s,errors<100%") == [
        ("all requests: p99", "no answers", False),
        ("all requests: errors", "100.000%", True),
    ]


def test_failures_that_a_worker_reported(stats: "RequestStats") -> None:
    """The master knows a failure's text alone, and counts refusals by it."""
    _fail(stats, "HTTP", "faq", "refused: 429 quota-exceeded")
    (error,) = stats.errors.values()
    error.error = error.serialize()["error"]
    assert _verdicts(stats, "refused<1%")[0][1] == "100.000%"


def test_the_table(stats: "RequestStats") -> None:
    """It says of each objective what was measured and whether that was good enough."""
    _log(stats, "HTTP", "faq", 20.0)
    (rows,) = grid(judged([parse("faq: p50<10ms,p50<30ms", NAMES)], stats)).sections
    assert rows == [
        ("MISSED", "faq over HTTP: p50", "20.00 ms", "p50<10ms"),
        ("met", "faq over HTTP: p50", "20.00 ms", "p50<30ms"),
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("pasta: p99<1s", "there are no requests named 'pasta'"),
        ("p98<1s", "'p98<1s' is no objective"),
        ("faq: p99<50", "'p99<50': p99 has no unit ''"),
        ("faq:", "'' is no objective"),
        ("", "'' is no objective"),
    ],
)
def test_bad_texts(text: str, complaint: str) -> None:
    """They are refused with what is wrong and what could be written."""
    with pytest.raises(LoadTestError) as caught:
        parse(text, NAMES)
    assert str(caught.value) == complaint
    assert caught.value.hint


@pytest.mark.parametrize(("latency", "counted"), [(0.12345, 0.123), (50.44, 50.4), (1049.6, 1050.0), (0.0, 0.0)])
def test_latencies_keep_three_digits(latency: float, counted: float) -> None:
    """They are counted finely enough for a bound such as 50 ms."""
    assert three_digits(latency) == counted
