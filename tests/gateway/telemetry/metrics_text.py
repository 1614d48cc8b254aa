"""Reads metrics with the parser of Prometheus' own client."""

from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus_client.parser import text_string_to_metric_families


def read(text: bytes) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return the samples by name and labels; the parser refuses what is no valid exposition."""
    samples = [sample for family in text_string_to_metric_families(text.decode()) for sample in family.samples]
    found = {(each.name, frozenset(each.labels.items())): each.value for each in samples}
    assert len(found) == len(samples), "a sample is shown twice"
    return found


def value(text: bytes, name: str, **labels: str) -> float:
    """Return one sample's value. Raises KeyError when there is none."""
    return read(text)[name, frozenset(labels.items())]


def names(text: bytes) -> set[str]:
    """Return the names of all samples."""
    return {name for name, _ in read(text)}


def openmetrics(text: str) -> list[Metric]:
    """Return what the standard's own parser reads; it refuses what is not valid."""
    return list(openmetrics_parser.text_string_to_metric_families(text))  # type: ignore[no-untyped-call]
