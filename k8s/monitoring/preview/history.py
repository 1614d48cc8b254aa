"""What a panel's queries found over a span of time."""

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from k8s.monitoring.grafana.spec import Query

# What Grafana would put in place of its variables, all being chosen.
_CHOSEN = {"$namespace": "scoring", "$method": "(faq|images)[.].+", "$model": ".+", "$pod": ".+"}
_PLACE = re.compile(r"{{(\w+)}}")


class Series(NamedTuple):
    """One series: its name in the legend, its labels, and its points, in seconds since the epoch and values."""

    name: str
    labels: Mapping[str, str]
    points: list[tuple[float, float]]


@dataclass(frozen=True)
class Span:
    """From when until when, in seconds since the epoch, and how many seconds apart."""

    start: float
    end: float
    step: float


@dataclass(frozen=True)
class History:
    """A Prometheus and the span of time that is looked at."""

    url: str
    span: Span
    window: str  # of rates

    def of(self, query: Query) -> list[Series]:
        """Return what a query found; raises urllib.error.HTTPError where Prometheus refuses it."""
        expr = query.expr.replace("$__rate_interval", self.window)
        for name, value in _CHOSEN.items():
            expr = expr.replace(name, value)
        asked = {"query": expr, "start": self.span.start, "end": self.span.end, "step": self.span.step}
        with urllib.request.urlopen(f"{self.url}/api/v1/query_range?{urllib.parse.urlencode(asked)}") as reply:  # noqa: S310
            found = json.load(reply)["data"]["result"]
        return [_series(each, query.legend) for each in found]


def _series(found: Any, legend: str) -> Series:
    labels: dict[str, str] = found["metric"]
    named: Callable[[re.Match[str]], str] = lambda match: labels.get(match[1], "")  # noqa: E731
    name = _PLACE.sub(named, legend) or ", ".join(labels.values())
    return Series(name, labels, [(float(at), float(value)) for at, value in found["values"]])
