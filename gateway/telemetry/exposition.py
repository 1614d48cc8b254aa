"""The metrics as text for Prometheus."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from gateway.telemetry.series import Family, Key

Values = Mapping[Key, Sequence[float]]


def counted(family: Family, values: Values) -> Metric:
    """Return a counter or histogram with its samples."""
    if not family.bounds:
        counter = CounterMetricFamily(family.name, family.text, labels=family.labels)
        for key, (value,) in values.items():
            counter.add_metric([str(each) for each in key], value)
        return counter
    bounds = [str(floatToGoString(bound)) for bound in (*family.bounds, float("inf"))]  # type: ignore[no-untyped-call]
    histogram = HistogramMetricFamily(family.name, family.text, labels=family.labels)
    for key, (*counts, total) in values.items():
        buckets = list(zip(bounds, accumulate(counts), strict=True))
        histogram.add_metric([str(each) for each in key], buckets, total)
    return histogram


class Families(Collector):
    """Hands families that are already made to prometheus_client."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics


def text(metrics: Iterable[Metric]) -> bytes:
    """Return the metrics in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Families(metrics))
    return generate_latest(registry)
