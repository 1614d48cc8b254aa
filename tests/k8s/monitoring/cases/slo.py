"""How fast the error budgets go."""

from tests.k8s.monitoring.promtool import Case
from tests.k8s.monitoring.scraped import durations, requests

_FAST = "ScoringAvailabilityBurnsFast"
_SLOW = "ScoringAvailabilityBurnsSlowly"
_LATE_FAST = "ScoringLatencyBurnsFast"
_LATE_SLOW = "ScoringLatencyBurnsSlowly"


def _recorded(requests: str, failures: str, kind: str = "availability") -> dict[str, str]:
    slo = f'{{slo="faq-{kind}"}}'
    return {f"scoring:slo_requests:rate5m{slo}": requests, f"scoring:slo_failures:rate5m{slo}": failures}


CASES = [
    Case(
        _FAST,
        "2 % fail for an hour, of many",
        {requests(200): "0+588x70", requests(500): "0+12x70"},
        "1h10m",
    ),
    Case(
        _FAST,
        "all requests for images fail, and questions are answered",
        {
            requests(200): "0+600x40",
            requests(503, "images.classify"): "0+60x40",
            requests(200, "images.classify"): "0+0x40",
        },
        "20m",
    ),
    Case(
        _FAST,
        "little traffic, all of which fails: 15 within a quarter of an hour",
        {requests(200): "0+0x30", requests(503): "0+1x30"},
        "20m",
    ),
    Case(
        _FAST,
        "three of a hundred fail, just now",
        {requests(200): "0+2x60", requests(500): "0x51 1 2 3x5"},
        "58m",
        firing=0,
    ),
    Case(
        _FAST,
        "2 % fail, beside a hundred times as many bad requests",
        {requests(200): "0+588x70", requests(500): "0+12x70", requests(422): "0+60000x70"},
        "1h10m",
    ),
    Case(_FAST, "no traffic at all", {}, "1h", firing=0),
    Case(
        _FAST,
        "there was traffic, and now there is none",
        {requests(200): "0+600x20 12000x60", requests(500): "0x80"},
        "1h20m",
        firing=0,
    ),
    Case(
        _FAST,
        "it is over: an hour was bad, the last half is not",
        {requests(200): "0+570x60 34200+600x60", requests(500): "0+30x60 1800x60"},
        "1h45m",
        firing=0,
    ),
    Case(
        _FAST,
        "a gateway restarts and its counters begin anew",
        {
            requests(200): "0+600x30 0+600x30",
            requests(500): "100x30 0x30",
            requests(200, pod="gateway-2"): "0+600x60",
        },
        "45m",
        firing=0,
    ),
    Case(
        _FAST,
        "callers are at fault, over their quota, or hang up",
        {
            requests(200): "0+60x70",
            requests(422): "0+600x70",
            requests(429): "0+600x70",
            requests(499): "0+600x70",
            requests(401, client="-"): "0+600x70",
        },
        "1h10m",
        firing=0,
    ),
    Case(
        _FAST,
        "probes fail while nobody asks anything",
        {requests(503, "readyz"): "0+60x70", requests(200): "0+60x70"},
        "1h10m",
        firing=0,
    ),
    Case(_LATE_FAST, "a fifth of the questions takes longer", durations("0+480x70", "0+600x70"), "1h10m"),
    Case(
        _LATE_FAST,
        "a fifth of the images takes longer",
        durations("0+48x70", "0+60x70", "images.classify", "2.5"),
        "1h10m",
    ),
    Case(
        _LATE_FAST,
        "images take a second, which is within their time",
        durations("0+0x70", "0+60x70", "images.classify", "0.1")
        | durations("0+60x70", "0+60x70", "images.classify", "2.5"),
        "1h10m",
        firing=0,
    ),
    Case(_LATE_FAST, "one in a hundred takes longer", durations("0+594x70", "0+600x70"), "1h10m", firing=0),
    Case(_LATE_FAST, "eight requests, all slow", durations("0x70", "0x30 1 2 3 4 5 6 7 8x33"), "1h", firing=0),
    Case(_LATE_FAST, "no traffic at all", durations("0x70", "0x70"), "1h10m", firing=0),
]


# Over days: what is recorded each minute is given, as requests and failures a second.
SLOW_CASES = [
    Case(
        _FAST,
        "0.7 % fail for six hours: 7 times too fast, noticed over the longer windows",
        _recorded("10x500", "0.07x500"),
        "7h",
    ),
    Case(_SLOW, "0.4 % fail for a day", _recorded("10x1560", "0.04x1560"), "1d1h"),
    Case(_SLOW, "0.15 % fail for three days", _recorded("10x4440", "0.015x4440"), "3d1h"),
    Case(_SLOW, "0.05 % fail, for which there is a budget", _recorded("10x4440", "0.005x4440"), "3d1h", firing=0),
    Case(_SLOW, "it was bad yesterday, and is no more", _recorded("10x2000", "0.04x1400 0x600"), "1d8h", firing=0),
    Case(_SLOW, "nine fail in a day of little traffic", _recorded("0.01x1560", "0x1450 0.03x5 0x5"), "1d", firing=0),
    Case(_SLOW, "a day old, with two hours of failures", _recorded("10x1560", "0x1320 1x140"), "1d"),
    Case(_SLOW, "no traffic", _recorded("0x1560", "0x1560"), "1d", firing=0),
    Case(_SLOW, "no gateway was ever scraped", {}, "1d", firing=0),
    Case(_LATE_SLOW, "4 % take longer for a day", _recorded("10x1560", "0.4x1560", "latency"), "1d1h"),
    Case(_LATE_SLOW, "1.5 % for three days", _recorded("10x4440", "0.15x4440", "latency"), "3d1h"),
    Case(_LATE_SLOW, "0.5 % for three days", _recorded("10x4440", "0.05x4440", "latency"), "3d1h", firing=0),
    Case(_LATE_SLOW, "no traffic", _recorded("0x1560", "0x1560", "latency"), "1d", firing=0),
]
