"""The text that Prometheus reads."""

from math import inf, isnan, nan

from gateway.telemetry import exposition
from gateway.telemetry.gauges import Sample
from gateway.telemetry.series import Family
from tests.gateway.telemetry.metrics_text import read, value


def test_histograms_add_up() -> None:
    """Buckets are cumulative, the count is the last bucket's, the sum is the values'."""
    family = Family("seconds", "Time.", ("stage",), (0.5, 1.0))
    text = exposition.text(exposition.counted(family, {("wait",): [3, 2, 1, 4.25]}))
    buckets = [value(text, "seconds_bucket", stage="wait", le=le) for le in ("0.5", "1.0", "+Inf")]
    assert buckets == [3, 5, 6]
    assert value(text, "seconds_count", stage="wait") == 6
    assert value(text, "seconds_sum", stage="wait") == 4.25


def test_counters_without_labels_are_shown() -> None:
    """They have no braces."""
    assert b"\nlines_total 3" in exposition.text(exposition.counted(Family("lines_total", "Lines.", ()), {(): [3]}))


def test_label_values_may_be_anything() -> None:
    """Quotes, backslashes and line breaks come through as they are."""
    odd = 'a"b\\c\nd{},=é'
    text = exposition.text(exposition.counted(Family("x_total", "X.", ("client",)), {(odd,): [1]}))
    assert value(text, "x_total", client=odd) == 1


def test_gauges_say_which_worker_they_belong_to() -> None:
    """One metric has the samples of all workers; a name that ends in _total is a counter."""
    workers = {
        0: {"waiting": [Sample({"model": "faq"}, 1.0)], "retries_total": [Sample({}, 7.0)]},
        3: {"waiting": [Sample({"model": "faq"}, 2.0)]},
    }
    text = exposition.text(exposition.gauges(workers))
    assert value(text, "waiting", model="faq", worker="0") == 1
    assert value(text, "waiting", model="faq", worker="3") == 2
    assert value(text, "retries_total", worker="0") == 7
    assert text.count(b"# TYPE waiting gauge\n") == 1
    assert b"# TYPE retries_total counter\n" in text


def test_numbers_without_an_end_are_shown() -> None:
    """As Prometheus spells them."""
    samples = {"x": [Sample({"n": str(each)}, each) for each in (inf, -inf, nan)]}
    values = list(read(exposition.text(exposition.gauges({0: samples}))).values())
    assert values[:2] == [inf, -inf]
    assert isnan(values[2])
