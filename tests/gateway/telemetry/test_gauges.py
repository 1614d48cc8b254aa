"""Values that are looked up when metrics are asked for."""

from gateway.telemetry.gauges import Gauges


def test_a_gauge_is_read_anew_each_time() -> None:
    """Whatever was watched first is replaced by what is watched later under the same name and labels."""
    gauges, queue = Gauges(), [1, 2]
    gauges.watch("waiting", {"model": "faq"}, lambda: 99)
    gauges.watch("waiting", {"model": "faq"}, lambda: len(queue))
    assert gauges.samples()["waiting"] == [({"model": "faq"}, 2.0)]
    queue.append(3)
    assert gauges.samples()["waiting"] == [({"model": "faq"}, 3.0)]


def test_a_gauge_that_cannot_be_read_is_left_out() -> None:
    """The others are shown all the same."""
    gauges = Gauges()
    gauges.watch("broken", {}, lambda: 1 / 0)
    gauges.watch("whole", {}, lambda: 1)
    assert "broken" not in gauges.samples()
    assert gauges.samples()["whole"] == [({}, 1.0)]


def test_a_model_has_one_version_at_a_time() -> None:
    """A new one takes the old one's place."""
    gauges = Gauges()
    for version in ("1", "2"):
        gauges.state("scoring_model_info", "faq", {"model": "faq", "version": version})
    assert gauges.samples()["scoring_model_info"] == [({"model": "faq", "version": "2"}, 1.0)]


def test_the_build_is_known() -> None:
    """Version of the gateway and of Python."""
    ((labels, value),) = Gauges().samples()["scoring_build_info"]
    assert value == 1
    assert labels["version"][0].isdigit()
    assert labels["python"].startswith("3.")


def test_ever_new_gauges_fill_no_memory() -> None:
    """Whoever watches one for each client does no harm."""
    gauges = Gauges()
    for number in range(10_000):
        gauges.watch("x", {"client": str(number)}, lambda: 1)
        gauges.state("y", str(number), {})
    assert sum(len(samples) for samples in gauges.samples().values()) <= 2_000
