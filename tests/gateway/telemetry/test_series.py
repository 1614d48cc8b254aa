"""Counters and histograms of one process."""

from gateway.telemetry.series import Family, Names, Series, observe

BOUNDS = (1.0, 2.0)


def test_a_value_counts_in_the_bucket_that_ends_with_it() -> None:
    """Prometheus' upper bounds are inclusive; the last number is the sum."""
    values = Series(Family("x", "", (), BOUNDS)).of(())
    for value in (0.5, 1.0, 1.5, 2.0, 2.5):
        observe(values, BOUNDS, value)
    assert values == [2, 2, 1, 7.5]


def test_too_many_label_values_are_counted_together() -> None:
    """Nobody can fill the memory by asking in ever new ways, and nothing goes uncounted."""
    series = Series(Family("x", "", ("a", "b")), most=10)
    for number in range(10_000):
        series.of((str(number), "b"))[0] += 1
    assert len(series.values) == 11
    assert series.values["other", "other"] == [9990]


def test_the_first_names_keep_their_own() -> None:
    """A name that was known stays known."""
    names = Names(2)
    assert [names.of(each) for each in ("a", "b", "c", "a", "d")] == ["a", "b", "other", "a", "other"]
