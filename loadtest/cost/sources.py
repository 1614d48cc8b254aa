"""Where reports are found when none is named."""

from pathlib import Path

MEASURED, GPU = "results/bench/standing/latest.json", "results/bench/gpu/latest.json"
COMMITTED = "docs/benchmark.json"


def standing(folder: Path) -> list[Path]:
    """Return the benchmark's report in a checkout, its own run rather than the committed one, and the GPU check's."""
    benchmark = [path for path in (folder / MEASURED, folder / COMMITTED) if path.is_file()]
    gpu = [path for path in (folder / GPU,) if path.is_file()]
    return [*benchmark[:1], *gpu]
