"""Where latency turns upwards."""

from loadtest.load.knee import knee
from tests.loadtest.load.reports import step

CURVE = [step(100, 8), step(200, 9), step(400, 10), step(600, 12), step(800, 30), step(900, 400)]


def test_knee_is_the_last_step_before_latency_takes_off() -> None:
    """Up to it, throughput grows faster than latency."""
    assert knee(CURVE) == 3


def test_knee_does_not_depend_on_the_order_or_on_how_far_the_run_went() -> None:
    """A search tries rates out of order, and one overload more changes nothing."""
    assert knee([*CURVE[4:], *CURVE[:4]]) == 5
    assert knee([*CURVE, step(2000, 9000)]) == 3


def test_short_runs_have_none() -> None:
    """Too few rates, or none at which latency has turned yet."""
    assert knee(CURVE[2:5]) is None
    assert knee(CURVE[:4]) is None
    assert knee([step(100, latency) for latency in range(5, 11)]) is None


def test_what_the_driver_doubts_is_left_out() -> None:
    """A latency that the driver made is none of the service."""
    doubted = step(3000, 1.0, "the driver used 99% of a core")
    assert knee([*CURVE, doubted]) == 3
