"""Choosing the configs to serve with, and saying which engine that means."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from standalone import engines, model_config, repository
from standalone.config_choice import AUTO, Choice, choose, messages
from standalone.errors import SetupError
from standalone.repository import Repository

ONNX = 'name: "resnet152" backend: "onnxruntime" max_batch_size: 16 instance_group { kind: KIND_CPU }'
OPENVINO = 'name: "resnet152" backend: "openvino" max_batch_size: 0 instance_group { kind: KIND_CPU }'
TENSORRT = """
name: "resnet152" backend: "onnxruntime" instance_group { kind: KIND_GPU }
optimization { execution_accelerators { gpu_execution_accelerator { name: "tensorrt" } } }
"""


@pytest.fixture
def found(tmp_path: Path) -> Repository:
    """A repository with an FAQ of one config and an image model of several."""
    for model in ("faq_matcher", "resnet152"):
        (tmp_path / model / "1").mkdir(parents=True)
        (tmp_path / model / "config.pbtxt").write_text(ONNX)
    (tmp_path / "resnet152" / "1" / "model.json").write_text(json.dumps({"precision": "fp32"}))
    configs = tmp_path / "resnet152" / "configs"
    configs.mkdir()
    for name, text in {"local-openvino": OPENVINO, "cpu": ONNX, "gpu-tensorrt": TENSORRT}.items():
        (configs / f"{name}.pbtxt").write_text(text)
    return repository.read(tmp_path)


def said(found: Repository, choice: Choice, *, bf16: bool = True) -> Iterator[str]:
    """Return what is said, without the versions of what is installed here."""
    for line in messages(found, choice, bf16=bf16):
        for package, name in (("openvino", "OpenVINO"), ("onnxruntime", "ONNX Runtime")):
            line = line.replace(f"{name} {engines.installed(package)}", name)  # noqa: PLW2901
        yield line


def test_openvino_is_chosen_where_it_is_installed(found: Repository) -> None:
    """The line says what is served by what, with which precision, and why; a model without a choice has none."""
    choice = choose(found, AUTO, openvino="2026.4.1")
    assert choice.name == "local-openvino"
    line = "images: OpenVINO (bf16), config local-openvino (the fastest that needs no calibration)"
    assert list(said(found, choice)) == [line]
    assert list(said(found, choice, bf16=False)) == [line.replace("bf16", "fp32")]


def test_without_openvino_the_plain_config_is_chosen(found: Repository) -> None:
    """The line says what would make it faster."""
    choice = choose(found, AUTO, openvino=None)
    assert choice.name == ""
    assert list(said(found, choice)) == [
        "images: ONNX Runtime (fp32), config.pbtxt (faster with OpenVINO: pip install openvino)"
    ]


def test_a_repository_without_such_a_config_is_served_with_the_plain_one(tmp_path: Path) -> None:
    """An FAQ alone: there is nothing to choose, and nothing to say."""
    (tmp_path / "faq_matcher" / "1").mkdir(parents=True)
    (tmp_path / "faq_matcher" / "config.pbtxt").write_text(ONNX)
    choice = choose(repository.read(tmp_path), AUTO, openvino="2026.4.1")
    assert choice.name == ""
    assert list(messages(repository.read(tmp_path), choice, bf16=True)) == []


def test_a_name_that_was_asked_for_is_taken(found: Repository) -> None:
    """Whatever is installed; the empty one stands for config.pbtxt."""
    assert choose(found, "cpu", openvino="2026.4.1").name == "cpu"
    assert choose(found, "", openvino="2026.4.1").name == ""
    assert list(said(found, choose(found, "gpu-tensorrt", openvino=None))) == [
        "images: ONNX Runtime with TensorRT (fp32), config gpu-tensorrt (as asked for)"
    ]


def test_a_name_that_no_model_has_is_refused(found: Repository) -> None:
    """Triton would take every model's config.pbtxt and say nothing."""
    with pytest.raises(SetupError, match=r"no model has a configs/gpux\.pbtxt \(--model-config-name\)") as error:
        choose(found, "gpux", openvino=None)
    assert error.value.hint == "there are: cpu, gpu-tensorrt, local-openvino"


def test_a_config_that_needs_a_gpu_is_known_by_its_instances(found: Repository) -> None:
    """Whatever its name is; a model without a config of that name keeps its own."""
    images, faq = found.folder / "resnet152", found.folder / "faq_matcher"
    assert model_config.needs_gpu(model_config.read(images, "gpu-tensorrt"))
    assert not model_config.needs_gpu(model_config.read(images, "cpu"))
    assert not model_config.needs_gpu(model_config.read(faq, "gpu-tensorrt"))


def test_a_config_that_cannot_be_read_is_left_to_triton(found: Repository) -> None:
    """It says what is wrong with it; until then nothing is known of the model."""
    (found.folder / "resnet152" / "config.pbtxt").write_text("backend: {")
    assert not model_config.needs_gpu(model_config.read(found.folder / "resnet152", ""))


@pytest.mark.parametrize(
    ("flags", "expected"),
    [("fpu avx512f avx512_bf16", True), ("fpu avx512f amx_bf16", True), ("fpu avx512f", False)],
)
def test_bfloat16_is_seen_in_the_processors_flags(tmp_path: Path, flags: str, expected: bool) -> None:
    """OpenVINO computes in it where either flag is there."""
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\nbugs\t\t:\n")
    assert engines.has_bf16(tmp_path / "cpuinfo") is expected


def test_a_system_without_cpuinfo_has_no_bfloat16(tmp_path: Path) -> None:
    """What cannot be known is not claimed."""
    assert not engines.has_bf16(tmp_path / "cpuinfo")
