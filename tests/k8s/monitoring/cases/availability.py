"""Whether pods are there, stay and tell."""

from tests.k8s.monitoring.promtool import Case
from tests.k8s.monitoring.scraped import gateway, triton

_STARTED = "process_start_time_seconds"


CASES = [
    Case(
        "ScoringGatewayDown",
        "all targets are down",
        {gateway("up", "a"): "1x5 0x20", gateway("up", "b"): "1x5 0x20"},
        "10m",
    ),
    Case("ScoringGatewayDown", "there are no targets", {triton("up"): "1x25"}, "10m"),
    Case(
        "ScoringGatewayDown",
        "one of two restarts",
        {gateway("up", "a"): "1x5 0x20", gateway("up", "b"): "1x25"},
        "10m",
        0,
    ),
    Case("ScoringGatewayDown", "a scrape is lost", {gateway("up", "a"): "1x5 0 1x20"}, "6m", 0),
    Case("ScoringTritonDown", "all targets are down", {triton("up"): "1x5 0x20"}, "10m"),
    Case("ScoringTritonDown", "the GPU pool is empty, the CPU pool is not", {triton("up"): "1x25"}, "10m", 0),
    Case("ScoringPodNotScraped", "one of two", {gateway("up", "a"): "1x5 0x20", gateway("up", "b"): "1x25"}, "20m"),
    Case(
        "ScoringPodNotScraped", "a pod ended", {gateway("up", "a"): "1x5 0 _x20", gateway("up", "b"): "1x25"}, "20m", 0
    ),
    Case("ScoringPodNotScraped", "a Triton starts", {triton("up"): "0x5 1x20"}, "20m", 0),
    Case(
        "ScoringWorkersRestart",
        "one dies every ten minutes",
        {gateway(_STARTED, worker="0"): "1x9 2x9 3x9 4x9 5x9 6x9"},
        "50m",
    ),
    Case(
        "ScoringWorkersRestart",
        "two of two, once",
        {gateway(_STARTED, worker="0"): "1x20 2x40", gateway(_STARTED, worker="1"): "1x60"},
        "50m",
        0,
    ),
    Case(
        "ScoringWorkersRestart",
        "a roll-out: new pods",
        {gateway(_STARTED, "a", worker="0"): "1x20 _x40", gateway(_STARTED, "b", worker="0"): "_x20 9x40"},
        "50m",
        0,
    ),
    Case(
        "ScoringRolloutStuck",
        "old and new stay",
        {
            gateway("scoring_build_info", "a", version="1"): "1x100",
            gateway("scoring_build_info", "b", version="2"): "1x100",
        },
        "90m",
    ),
    Case(
        "ScoringRolloutStuck",
        "a roll-out of half an hour",
        {
            gateway("scoring_build_info", "a", version="1"): "1x60 _x60",
            gateway("scoring_build_info", "b", version="2"): "_x30 1x90",
        },
        "90m",
        0,
    ),
    Case("ScoringLogLinesDropped", "all the time", {gateway("scoring_log_lines_dropped_total"): "0+5x60"}, "40m"),
    Case(
        "ScoringLogLinesDropped", "once, long ago", {gateway("scoring_log_lines_dropped_total"): "0x5 500x60"}, "40m", 0
    ),
    Case(
        "ScoringLogLinesDropped",
        "a gateway restarts",
        {gateway("scoring_log_lines_dropped_total"): "500x20 0x60"},
        "40m",
        0,
    ),
    Case("ScoringSpansDropped", "all the time", {gateway("scoring_spans_dropped_total"): "0+5x60"}, "50m"),
    Case(
        "ScoringSpansDropped",
        "the collector was away for a quarter of an hour",
        {gateway("scoring_spans_dropped_total"): "0+5x15 75x60"},
        "35m",
        0,
    ),
    Case("ScoringSpansDropped", "no traces", {gateway("up"): "1x60"}, "50m", 0),
]
