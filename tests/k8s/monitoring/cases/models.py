"""Whether models answer and Tritons execute."""

from tests.k8s.monitoring.promtool import Case
from tests.k8s.monitoring.scraped import gateway, triton

_PENDING = "nv_inference_pending_request_count"
_EXECUTIONS = "nv_inference_exec_count"


def _ready(pod: str, model: str = "resnet152") -> str:
    return gateway("scoring_model_ready", pod, model=model, worker="0")


def _called(outcome: str) -> str:
    return gateway("scoring_model_calls_total", model="resnet152", outcome=outcome)


def _version(number: int, pod: str, pool: str = "cpu", model: str = "resnet152") -> str:
    return triton("nv_inference_request_success", pod, pool, model=model, version=str(number))


CASES = [
    Case(
        "ScoringModelNotReady", "no gateway gets an answer", {_ready("a"): "1x5 0x20", _ready("b"): "1x5 0x20"}, "10m"
    ),
    Case("ScoringModelNotReady", "one gateway does", {_ready("a"): "1x5 0x20", _ready("b"): "1x25"}, "10m", 0),
    Case("ScoringModelNotReady", "Tritons restart within a minute", {_ready("a"): "1x5 0 1x20"}, "6m", 0),
    Case("ScoringModelNotReady", "nothing is published", {}, "10m", 0),
    Case("ScoringModelNotReadyInPod", "one gateway gets no answer", {_ready("a"): "0x30", _ready("b"): "1x30"}, "15m"),
    Case(
        "ScoringModelNotReadyInPod", "a gateway is drained", {_ready("a"): "1x14 0 _x15", _ready("b"): "1x30"}, "20m", 0
    ),
    Case("ScoringModelNotReadyInPod", "all is well", {_ready("a"): "1x30"}, "15m", 0),
    Case(
        "ScoringModelCallsFail", "a tenth fails", {_called("ok"): "0+90x30", _called("model-fault"): "0+10x30"}, "20m"
    ),
    Case(
        "ScoringModelCallsFail",
        "callers hang up",
        {_called("ok"): "0+90x30", _called("cancelled"): "0+90x30"},
        "20m",
        0,
    ),
    Case(
        "ScoringModelCallsFail",
        "three golden requests fail",
        {_called("ok"): "0+1x30", _called("model-unavailable"): "0x9 1 2 3x20"},
        "14m",
        0,
    ),
    Case("ScoringModelCallsFail", "no calls", {_called("ok"): "0x30", _called("model-fault"): "0x30"}, "20m", 0),
    Case(
        "ScoringModelCallsFail",
        "a gateway restarts",
        {_called("ok"): "0+90x10 0+90x20", _called("model-fault"): "50x10 0x20"},
        "20m",
        0,
    ),
    Case(
        "ScoringBreakersOpen",
        "a Triton stays away",
        {gateway("scoring_triton_open_breakers", worker="0"): "0x5 1x30"},
        "20m",
    ),
    Case(
        "ScoringBreakersOpen",
        "one restarts",
        {gateway("scoring_triton_open_breakers", worker="0"): "0x5 1x3 0x30"},
        "20m",
        0,
    ),
    Case("ScoringBreakersOpen", "all is well", {gateway("scoring_triton_open_breakers", worker="0"): "0x30"}, "20m", 0),
    Case(
        "ScoringTritonHangs",
        "calls wait and none is executed",
        {
            triton(_PENDING, model="resnet152", version="1"): "0x5 3x20",
            triton(_EXECUTIONS, model="resnet152", version="1"): "0+60x5 300x20",
        },
        "15m",
    ),
    Case(
        "ScoringTritonHangs",
        "calls wait because there are many",
        {
            triton(_PENDING, model="resnet152", version="1"): "3x25",
            triton(_EXECUTIONS, model="resnet152", version="1"): "0+60x25",
        },
        "15m",
        0,
    ),
    Case(
        "ScoringTritonHangs",
        "nobody calls",
        {
            triton(_PENDING, model="resnet152", version="1"): "0x25",
            triton(_EXECUTIONS, model="resnet152", version="1"): "300x25",
        },
        "15m",
        0,
    ),
    Case(
        "ScoringTritonHangs",
        "a pod that is new has executed nothing, and nothing waits there",
        {
            triton(_PENDING, "new", model="resnet152", version="1"): "0x25",
            triton(_EXECUTIONS, "new", model="resnet152", version="1"): "0x25",
            triton(_PENDING, "old", model="resnet152", version="1"): "2x25",
            triton(_EXECUTIONS, "old", model="resnet152", version="1"): "0+60x25",
        },
        "15m",
        0,
    ),
    Case(
        "ScoringTritonFallsBehind",
        "more and more wait, and half as many are executed",
        {
            triton(_PENDING, model="resnet152", version="1"): "1x15 1+1x25",
            triton(_EXECUTIONS, model="resnet152", version="1"): "0+60x15 900+20x25",
        },
        "26m",
    ),
    Case(
        "ScoringTritonFallsBehind",
        "the load doubles",
        {
            triton(_PENDING, model="resnet152", version="1"): "1x15 1+1x25",
            triton(_EXECUTIONS, model="resnet152", version="1"): "0+60x15 900+120x25",
        },
        "26m",
        0,
    ),
    Case(
        "ScoringTritonFallsBehind",
        "the load ends",
        {
            triton(_PENDING, model="resnet152", version="1"): "1x15 0x25",
            triton(_EXECUTIONS, model="resnet152", version="1"): "0+60x15 900x25",
        },
        "26m",
        0,
    ),
    Case(
        "ScoringModelVersionsDiffer",
        "half a pool stays behind",
        {_version(1, "a"): "5x40", _version(2, "b"): "5x40"},
        "40m",
    ),
    Case(
        "ScoringModelVersionsDiffer",
        "a roll-out",
        {_version(1, "a"): "5x20 _x20", _version(2, "b"): "_x10 5x30"},
        "40m",
        0,
    ),
    Case(
        "ScoringModelVersionsDiffer",
        "two pools with files of their own, and two models",
        {_version(1, "a"): "5x40", _version(2, "b", "gpu"): "5x40", _version(3, "a", model="faq_matcher"): "5x40"},
        "40m",
        0,
    ),
]
