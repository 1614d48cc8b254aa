"""How full the gateways are."""

from tests.k8s.monitoring.promtool import Case
from tests.k8s.monitoring.scraped import gateway, requests


def _refused(method: str = "faq.match") -> str:
    return gateway("scoring_refusals_total", method=method, reason="overloaded")


def _admitted(pod: str, model: str = "resnet152", worker: str = "0") -> str:
    return gateway("scoring_admitted_items", pod, model=model, worker=worker)


CASES = [
    Case(
        "ScoringOverloaded",
        "5 % are refused",
        {_refused(): "0+30x30", requests(200): "0+570x30", requests(503): "0+30x30"},
        "20m",
    ),
    Case("ScoringOverloaded", "a burst", {_refused(): "0x10 0+30x3 90x20", requests(200): "0+600x33"}, "20m", 0),
    Case(
        "ScoringOverloaded",
        "one of ten is refused now and then",
        {_refused(): "0x4 1x4 2x4 3x4 4x4 5x4", requests(200): "0+1x30"},
        "20m",
        0,
    ),
    Case("ScoringOverloaded", "no traffic", {}, "20m", 0),
    Case(
        "ScoringOverloaded",
        "a gateway restarts",
        {_refused(): "900x10 0x20", requests(200): "0+600x10 0+600x20"},
        "20m",
        0,
    ),
    Case(
        "ScoringRoomNearlyFull",
        "a worker holds 120 of 128",
        {_admitted("a"): "4x30", _admitted("a", worker="1"): "120x30"},
        "10m",
    ),
    Case(
        "ScoringRoomNearlyFull",
        "two workers hold 60 each",
        {_admitted("a"): "60x30", _admitted("a", worker="1"): "60x30"},
        "10m",
        0,
    ),
    Case("ScoringRoomNearlyFull", "a burst", {_admitted("a"): "4x5 120x3 4x20"}, "10m", 0),
    Case(
        "ScoringRoomNearlyFull",
        "as many questions, for which there is room",
        {_admitted("a", "faq_matcher"): "120x30"},
        "10m",
        0,
    ),
    Case("ScoringRoomNearlyFull", "nothing is held", {_admitted("a"): "0x30"}, "10m", 0),
]
