"""The GPUs."""

from tests.k8s.monitoring.promtool import Case
from tests.k8s.monitoring.scraped import gateway, triton


def _memory(what: str, pod: str = "triton-gpu-1") -> str:
    return triton(f"nv_gpu_memory_{what}_bytes", pod, "gpu", gpu_uuid="GPU-1")


CASES = [
    Case("ScoringGpuMemoryHigh", "15 of 16 GB", {_memory("used"): "15x30", _memory("total"): "16x30"}, "15m"),
    Case(
        "ScoringGpuMemoryHigh",
        "while a model loads",
        {_memory("used"): "15x4 9x30", _memory("total"): "16x34"},
        "15m",
        0,
    ),
    Case(
        "ScoringGpuMemoryHigh", "a GPU that says nothing", {_memory("used"): "0x30", _memory("total"): "0x30"}, "15m", 0
    ),
    Case("ScoringGpuMemoryHigh", "no GPU", {triton("up"): "1x30"}, "15m", 0),
    Case("ScoringGpuWithoutMetrics", "no GPU in sight", {triton("up", "g", "gpu"): "1x30"}, "20m"),
    Case(
        "ScoringGpuWithoutMetrics",
        "one of two",
        {triton("up", "g", "gpu"): "1x30", triton("up", "h", "gpu"): "1x30", _memory("total", "h"): "16x30"},
        "20m",
    ),
    Case(
        "ScoringGpuWithoutMetrics",
        "all is well",
        {triton("up", "g", "gpu"): "1x30", _memory("total", "g"): "16x30"},
        "20m",
        0,
    ),
    Case("ScoringGpuWithoutMetrics", "CPUs have none", {triton("up"): "1x30"}, "20m", 0),
    Case(
        "ScoringGpuPoolSkipped",
        "the CPU pool stands in for an hour",
        {gateway("scoring_triton_fallback_calls_total", worker="0"): "0+10x60", triton("up", "g", "gpu"): "1x60"},
        "45m",
    ),
    Case(
        "ScoringGpuPoolSkipped",
        "there is no GPU pod",
        {gateway("scoring_triton_fallback_calls_total", worker="0"): "0+10x60", triton("up"): "1x60"},
        "45m",
        0,
    ),
    Case(
        "ScoringGpuPoolSkipped",
        "until the first GPU pod is warm",
        {
            gateway("scoring_triton_fallback_calls_total", worker="0"): "0+10x20 200x40",
            triton("up", "g", "gpu"): "_x10 1x50",
        },
        "45m",
        0,
    ),
]
