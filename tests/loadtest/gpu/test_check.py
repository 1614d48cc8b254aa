"""The GPU check on the CPU: all of it but the provider, against the real stack."""

from pathlib import Path

import pytest

from loadtest.bench import Duration
from loadtest.figures import Kind
from loadtest.gpu.check import Accelerator, Exports, Extent, run
from loadtest.gpu.view import judge
from loadtest.images.engines import Engine, open_onnxruntime
from loadtest.inventory import backend
from loadtest.meter import Span
from tests.loadtest.images.tiny_model import write_repository

pytestmark = pytest.mark.triton


def cpu_engines(model: Path, precision: str) -> list[Engine]:
    """Return the processor in the accelerator's place."""
    return [Engine(f"CPU {precision}", "onnxruntime-cpu", model, open_onnxruntime)]


def test_check_proves_and_measures_what_is_served(tmp_path: Path) -> None:
    """Parity with FP32, the limit, Triton and gateway, and the memory of each process."""
    exports = Exports(*(write_repository(tmp_path / name) for name in ("exact", "served")))
    steps: list[str] = []
    extent = Extent([1, 2], Duration(1, Span(0.05, 0.2)))
    report = run(Accelerator("cpu", "fp32", cpu_engines), exports, extent, lambda text, *_: steps.append(text))
    (section,) = report.sections
    assert section.differences == {"CPU FP32": 0.0}
    assert set(section.agreement.values()) == {1.0}
    assert {each.kind for each in section.figures} == {Kind.IN_PROCESS, Kind.PART, Kind.TRITON, Kind.HTTP}
    assert all(each.items_per_s > 0 for each in section.figures)
    assert [each.batch for each in section.of_kind(Kind.TRITON)] == [1, 2]
    assert [each.in_flight for each in section.of_kind(Kind.HTTP)] == [1, 2]
    assert {"gateway", "Triton", backend("resnet152")} <= {each.name for each in report.memory}
    assert (section.models[0].engine, section.models[0].weights) == ("onnxruntime-cpu", "untrained")
    assert len(judge(report)) == 3
    assert steps[0] == "starting Triton and the gateway"
