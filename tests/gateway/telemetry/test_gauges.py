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


def test_facts_are_told_by_labels() -> None:
    """They are read anew each time, and left out while there are none or they cannot be read."""
    gauges, version = Gauges(), [""]
    gauges.tell("scoring_model_info", "faq", lambda: {"version": version[0]} if version[0] else {})
    gauges.tell("scoring_model_info", "image", lambda: {"version": str(1 / 0)})
    assert "scoring_model_info" not in gauges.samples()
    version[0] = "2"
    assert gauges.samples()["scoring_model_info"] == [({"version": "2"}, 1.0)]


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
        gauges.tell("y", str(number), lambda: {"x": "y"})
    assert sum(len(samples) for samples in gauges.samples().values()) <= 2_001
