"""What is taken out of the benchmark's reports."""

from pathlib import Path

import pytest

from loadtest.cost.rates import measured
from loadtest.errors import LoadTestError
from loadtest.figures import Kind
from tests.loadtest.cost.samples import cpu_report, figure, gpu_report, report, section, stored


def test_the_best_of_the_gateway_counts_one_item_a_request(tmp_path: Path) -> None:
    """Neither lists nor Triton alone nor peers: what a client of the product gets, on all cores, divided by them."""
    faq, images = measured([stored(cpu_report(), tmp_path)])
    assert (faq.benchmark, faq.unit, faq.items_per_s, faq.per_core) == ("faq", "questions", 2000, 1000)
    assert (images.engine, images.items_per_s, images.per_core) == ("OpenVINO", 20, 10)


def test_engines_are_told_apart(tmp_path: Path) -> None:
    """A model that was served by two has two rates."""
    made = report(section("images", "images", [figure(Kind.HTTP, "bf16", 20), figure(Kind.GRPC, "INT8", 50)]))
    assert {rate.engine: rate.items_per_s for rate in measured([stored(made, tmp_path)])} == {"bf16": 20, "INT8": 50}


def test_without_the_engine_a_core_would_serve_what_is_left(tmp_path: Path) -> None:
    """2,000/s served, 4,000/s the engine alone: half of the time is its; 4,000/s remain on 2 cores."""
    faq, images = measured([stored(cpu_report(), tmp_path)])
    assert faq.per_core_without_engine == pytest.approx(2000)
    assert images.per_core_without_engine is None  # batches made the served one faster than the engine one by one


def test_a_gpu_serves_its_part(tmp_path: Path) -> None:
    """Of a machine with two."""
    made = report(section("gpu", "images", [figure(Kind.HTTP, "CUDA fp16", 800)]), gpus=["Tesla T4", "Tesla T4"])
    assert [rate.per_gpu for rate in measured([stored(made, tmp_path)])] == [400]


def test_reports_that_served_nothing_are_refused(tmp_path: Path) -> None:
    """No report, and one with engines in process alone."""
    empty = report(section("faq", "questions", [figure(Kind.IN_PROCESS, "ONNX", 4000)]))
    for paths in ([], [stored(empty, tmp_path)]):
        with pytest.raises(LoadTestError, match="nothing that was served") as failure:
            measured(paths)
        assert "scoring bench" in failure.value.hint


def test_a_gpu_report_is_read_beside_the_benchmarks(tmp_path: Path) -> None:
    """All that the files hold, in their order."""
    paths = [stored(cpu_report(), tmp_path / "bench"), stored(gpu_report(), tmp_path / "gpu")]
    assert [rate.benchmark for rate in measured(paths)] == ["faq", "images", "gpu"]
