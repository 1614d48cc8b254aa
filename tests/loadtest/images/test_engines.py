"""The engines, on a small model."""

from pathlib import Path

import numpy as np
import pytest

from loadtest.errors import LoadTestError
from loadtest.images.engines import cpu_engines, open_onnxruntime, open_openvino, openvino_precision
from loadtest.images.in_process import closed_loop, decoding_loop, probabilities
from loadtest.images.plan import Material
from loadtest.meter import Span


def test_engines_agree(version: Path, material: Material) -> None:
    """ONNX Runtime and OpenVINO give the same probabilities, for one image and for several."""
    onnxruntime, openvino = open_onnxruntime(version / "model.onnx"), open_openvino(version / "model.onnx")
    for count in (1, 3):
        expected = onnxruntime(material.images[:count])
        assert expected.shape == (count, 1000)
        assert np.abs(openvino(material.images[:count]) - expected).max() < 0.05
        assert (openvino(material.images[:count]).argmax(1) == expected.argmax(1)).all()


def test_openvinos_answer_outlives_the_next_call(version: Path, material: Material) -> None:
    """The answer is not the memory that the next one is written into."""
    answer = open_openvino(version / "model.onnx")
    first = answer(material.images[:1])
    kept = first.copy()
    assert not np.array_equal(answer(material.images[1:2]), kept)
    assert np.array_equal(first, kept)


def test_engines_are_named_after_what_they_compute_in(version: Path) -> None:
    """OpenVINO chooses its precision for FP32 files; INT8 files say theirs."""
    model = version / "model.onnx"
    names = [engine.name for engine in cpu_engines(model, "FP32")]
    assert names == ["ONNX Runtime FP32", f"OpenVINO {openvino_precision()}"]
    assert [engine.name for engine in cpu_engines(model, "INT8")] == ["ONNX Runtime INT8", "OpenVINO INT8"]
    assert [engine.served_as for engine in cpu_engines(model, "FP32")] == ["onnxruntime-cpu", "openvino-cpu"]


def test_provider_that_is_not_there_is_no_silent_cpu(version: Path) -> None:
    """ONNX Runtime would fall back to the CPU: figures under a wrong name."""
    with pytest.raises(LoadTestError, match="was built without TensorrtExecutionProvider"):
        open_onnxruntime(version / "model.onnx", ["TensorrtExecutionProvider"])


def test_loops_count_calls(version: Path, material: Material) -> None:
    """Batches and files are counted, and none fails."""
    engine = cpu_engines(version / "model.onnx", "FP32")[0]
    span = Span(0.02, 0.1)
    for seen in (
        closed_loop(engine, material.images, batch=16, span=span),
        decoding_loop(material.pictures, material.spec, span=span),
    ):
        assert seen.errors == 0
        assert seen.requests > 0
        assert seen.seconds >= 0.1


def test_probabilities_are_those_of_single_images(version: Path, material: Material) -> None:
    """One row for each image."""
    engine = cpu_engines(version / "model.onnx", "FP32")[0]
    assert np.allclose(probabilities(engine, material.images), engine.answer()(material.images), atol=1e-6)
