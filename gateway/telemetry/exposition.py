"""The metrics as text, in the two formats that Prometheus reads.

https://prometheus.io/docs/instrumenting/exposition_formats and https://prometheus.io/docs/specs/om/open_metrics_spec.
Written here rather than by prometheus_client, which takes five times as long and would hold up the event loop for it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from math import inf

from gateway.telemetry.exemplars import Exemplar, Exemplars
from gateway.telemetry.families import described
from gateway.telemetry.gauges import Samples
from gateway.telemetry.series import Family, Values

_WORKER = "worker"  # label of everything that is one process's alone
_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})


class Exposition:
    """Prometheus' own format, which has no room for exemplars."""

    content_type = "text/plain; version=0.0.4; charset=utf-8"
    end = ""

    def counted(self, family: Family, values: Values, exemplars: Exemplars) -> Iterator[str]:
        """Return the lines of a counter or a histogram."""
        yield self._head(family.name, family.text, "histogram" if family.bounds else "counter")
        bounds = [_number(bound) for bound in (*family.bounds, inf)]
        for key, numbers in values.items():
            labels = _labels(zip(family.labels, key, strict=True))
            if family.bounds:
                yield from self._histogram(family.name, labels, bounds, numbers, exemplars.get(key, {}))
            else:
                yield _line(family.name, labels, numbers[0])

    def gauges(self, workers: Mapping[int, Samples]) -> Iterator[str]:
        """Return the lines of several workers' gauges; one whose name ends in _total is a counter of its process."""
        for name in sorted({name for samples in workers.values() for name in samples}):
            yield self._head(name, described(name), "counter" if name.endswith("_total") else "gauge")
            for worker, samples in workers.items():
                for labels, value in samples.get(name, ()):
                    yield _line(name, _labels([*labels.items(), (_WORKER, str(worker))]), value)

    def _head(self, name: str, what: str, kind: str) -> str:
        return f"# HELP {name} {what}\n# TYPE {name} {kind}\n"

    def _histogram(
        self,
        name: str,
        labels: str,
        bounds: Sequence[str],
        numbers: Sequence[float],
        exemplars: Mapping[int, Exemplar],
    ) -> Iterator[str]:
        *counts, total = numbers
        more = f"{labels}," if labels else ""
        reached = 0.0
        for bucket, (bound, reached) in enumerate(zip(bounds, accumulate(counts), strict=True)):
            example = self._example(exemplars[bucket]) if bucket in exemplars else ""
            yield f'{name}_bucket{{{more}le="{bound}"}} {_number(reached)}{example}\n'
        yield _line(f"{name}_count", labels, reached)
        yield _line(f"{name}_sum", labels, total)

    def _example(self, exemplar: Exemplar) -> str:
        return ""


class OpenMetrics(Exposition):
    """The standard, which Prometheus asks for first."""

    content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    end = "# EOF\n"

    def _head(self, name: str, what: str, kind: str) -> str:
        return super()._head(name.removesuffix("_total"), what, kind)

    def _example(self, exemplar: Exemplar) -> str:
        return f' # {{trace_id="{exemplar.trace_id}"}} {_number(exemplar.value)} {exemplar.at:.3f}'


def _line(name: str, labels: str, value: float) -> str:
    return f"{name}{{{labels}}} {_number(value)}\n" if labels else f"{name} {_number(value)}\n"


def _labels(pairs: Iterable[tuple[str, str]]) -> str:
    return ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in pairs)


def _number(value: float) -> str:
    if value == inf:
        return "+Inf"
    if value == -inf:
        return "-Inf"
    return "NaN" if value != value else repr(value)  # noqa: PLR0124  only NaN differs from itself
