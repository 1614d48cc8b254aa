"""The text that Prometheus reads."""

from collections.abc import Iterable
from math import inf, isnan, nan

from gateway.telemetry.exemplars import Exemplar, latest
from gateway.telemetry.exposition import Exposition, OpenMetrics
from gateway.telemetry.gauges import Sample
from gateway.telemetry.series import Family
from tests.gateway.telemetry.metrics_text import openmetrics, read, value


def _text(lines: Iterable[str]) -> bytes:
    return "".join(lines).encode()


def test_histograms_add_up() -> None:
    """Buckets are cumulative, the count is the last bucket's, the sum is the values'."""
    family = Family("seconds", "Time.", ("stage",), (0.5, 1.0))
    text = _text(Exposition().counted(family, {("wait",): [3, 2, 1, 4.25]}, {}))
    buckets = [value(text, "seconds_bucket", stage="wait", le=le) for le in ("0.5", "1.0", "+Inf")]
    assert buckets == [3, 5, 6]
    assert value(text, "seconds_count", stage="wait") == 6
    assert value(text, "seconds_sum", stage="wait") == 4.25


def test_counters_without_labels_are_shown() -> None:
    """They have no braces."""
    assert b"\nlines_total 3" in _text(Exposition().counted(Family("lines_total", "Lines.", ()), {(): [3]}, {}))


def test_label_values_may_be_anything() -> None:
    """Quotes, backslashes and line breaks come through as they are."""
    odd = 'a"b\\c\nd{},=é'
    text = _text(Exposition().counted(Family("x_total", "X.", ("client",)), {(odd,): [1]}, {}))
    assert value(text, "x_total", client=odd) == 1


def test_gauges_say_which_worker_they_belong_to() -> None:
    """One metric has the samples of all workers; a name that ends in _total is a counter."""
    workers = {
        0: {"waiting": [Sample({"model": "faq"}, 1.0)], "retries_total": [Sample({}, 7.0)]},
        3: {"waiting": [Sample({"model": "faq"}, 2.0)]},
    }
    text = _text(Exposition().gauges(workers))
    assert value(text, "waiting", model="faq", worker="0") == 1
    assert value(text, "waiting", model="faq", worker="3") == 2
    assert value(text, "retries_total", worker="0") == 7
    assert text.count(b"# TYPE waiting gauge\n") == 1
    assert b"# TYPE retries_total counter\n" in text


def test_numbers_without_an_end_are_shown() -> None:
    """As Prometheus spells them."""
    samples = {"x": [Sample({"n": str(each)}, each) for each in (inf, -inf, nan)]}
    values = list(read(_text(Exposition().gauges({0: samples}))).values())
    assert values[:2] == [inf, -inf]
    assert isnan(values[2])


def test_openmetrics_shows_the_traces_of_examples() -> None:
    """The standard's own parser reads all of it: counters, gauges, and an exemplar in its bucket."""
    family = Family("seconds", "Time.", ("stage",), (0.5, 1.0))
    exemplar = Exemplar("0af7651916cd43dd8448eb211c80319c", 0.75, 1_795_576_123.28)
    style = OpenMetrics()
    lines = [
        *style.counted(family, {("wait",): [3, 2, 1, 4.25]}, {("wait",): {1: exemplar}}),
        *style.counted(Family("lines_total", "Lines.", ()), {(): [3]}, {}),
        *style.gauges({0: {"waiting": [Sample({}, 1.0)], "retries_total": [Sample({}, 7.0)]}}),
        style.end,
    ]
    found = {each.name: each for each in openmetrics("".join(lines))}
    assert {name: each.type for name, each in found.items()} == {
        "seconds": "histogram",
        "lines": "counter",
        "retries": "counter",
        "waiting": "gauge",
    }
    examples = {each.labels["le"]: each.exemplar for each in found["seconds"].samples if each.exemplar}
    assert list(examples) == ["1.0"]
    assert examples["1.0"].labels == {"trace_id": exemplar.trace_id}
    assert examples["1.0"].value == 0.75


def test_the_latest_example_counts() -> None:
    """Of all workers' for the same bucket."""
    old, new, other = (Exemplar(trace, 0.1, at) for trace, at in (("a", 1.0), ("b", 2.0), ("c", 1.5)))
    found = latest([{("x",): {0: old}}, {("x",): {0: new}}, {("x",): {0: old, 1: other}}])
    assert found == {("x",): {0: new, 1: other}}
