"""What an expression asks for and nobody shows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.errors import STATUS
from gateway.telemetry import families
from gateway.telemetry.counts import _GONE, _OUTCOMES
from tests.integration.prometheus import Series
from tests.promql import Matcher, Selector, read

# Values that come with an event which no load brings about for sure; the code that counts them says which there are.
_VALUES = {
    "status": {"200", "499", *(str(status.http) for status in STATUS.values())},
    "reason": {_GONE, *(status.slug for status in STATUS.values())},
    "outcome": set(_OUTCOMES.values()),
}
_COUNTED = {family.name for family in families.COUNTED if not family.bounds}
# Conditions are met by what is wrong alone.
_CONDITION = re.compile(r" (?:>|<|>=|<=|==|unless) |\babsent\(")


@dataclass(frozen=True)
class Known:
    """What Prometheus has seen, and what the recording rules would make of more."""

    series: Series
    recorded: set[str]

    def faults(self, expr: str, also: str = "") -> list[str]:
        """Return the metrics, labels and values that an expression asks for and that there are not."""
        asked = read(expr)
        found = [fault for selector in asked.selectors for fault in self._selected(selector)]
        if any(self._to_come(each.metric) for each in asked.selectors):
            return found  # nobody knows its labels yet
        labels = set(asked.made).union(*(self.series.get(each.metric, {}) for each in asked.selectors))
        grouped = asked.grouped | ({also} if also else set())
        return found + [f"no label {label} of any of its metrics" for label in sorted(grouped - labels)]

    def may_be_empty(self, expr: str) -> bool:
        """Tell whether an expression finds nothing as long as nothing is wrong."""
        return bool(_CONDITION.search(expr)) or any(self._waits(each) for each in read(expr).selectors)

    def _selected(self, selector: Selector) -> Iterator[str]:
        labels = self.series.get(selector.metric)
        if labels is None:
            if not self._to_come(selector.metric):
                yield f"no metric {selector.metric}"
            return
        for matcher in selector.matchers:
            if matcher.label not in labels:
                yield f"no label {matcher.label} of {selector.metric}"
            elif not _matches(matcher, labels[matcher.label] | _counted(selector.metric, matcher.label)):
                yield f"no value {matcher.value!r} of {selector.metric}'s {matcher.label}"

    def _waits(self, selector: Selector) -> bool:
        """Tell whether it is of events that have not happened."""
        return self._to_come(selector.metric) or any(
            matcher.label in _VALUES and matcher.sign in {"=", "=~"} for matcher in selector.matchers
        )

    def _to_come(self, metric: str) -> bool:
        return metric in self.recorded and metric not in self.series


def _counted(metric: str, label: str) -> set[str]:
    return _VALUES.get(label, set()) if metric in _COUNTED else set()


def _matches(matcher: Matcher, values: set[str]) -> bool:
    """Tell whether a matcher speaks of values that there are: of each one where it lists several.

    Of a bucket's bound one spelling is enough: Prometheus' own format and OpenMetrics write 1 and 1.0.
    """
    if matcher.sign in {"=", "!="}:
        return matcher.value in values | {""}
    listed = matcher.value.split("|") if re.fullmatch(r"[\w.|-]+", matcher.value) else [matcher.value]
    there = [any(re.fullmatch(text, value) for value in values) for text in listed]
    return any(there) if matcher.label == "le" else all(there)
