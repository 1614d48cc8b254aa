"""Faults planted in configs and version folders are found, each by its check, with words that lead to it."""

import os
from pathlib import Path

import pytest
from onnx import TensorProto

from doctor.checks import (
    batching,
    config_file,
    engines,
    labels,
    tensorrt,
    tensors,
    version_answers,
    version_files,
    version_proof,
    warmup,
)
from doctor.finding import Severity
from doctor.target import Processor, target
from tests.doctor.healthy import AMX, diagnose, write_repository
from tests.doctor.planting import (
    CONFIG,
    CPU,
    FAQ,
    GPU,
    IMAGE,
    IMAGES,
    OPENVINO,
    QUESTIONS,
    TENSORRT,
    Plant,
    append,
    change_model,
    delete,
    externalise,
    halve,
    model,
    put,
    replace,
    second_tensorrt_model,
    truncate,
    write,
)

ERROR, WARNING = Severity.ERROR, Severity.WARNING
INSTANCES = "instance_group {\n  count: 1\n  kind: KIND_CPU\n}"
BATCHING = "dynamic_batching {\n}"
POLICY = "dynamic_batching { default_queue_policy { %s } }"
ACCELERATOR = 'optimization { execution_accelerators { %s_execution_accelerator { name: "%s" %s } } }'
A_PARAMETER = 'parameters { key: "%s" value { string_value: "%s" } }'

PLANTED: list[tuple[str, Severity, str, Plant]] = [
    ("config-readable", ERROR, "does not parse", append(CONFIG, "max_batch_sise: 3")),
    ("config-readable", ERROR, "UTF-8", write(CONFIG, b"name: \xff")),
    ("config-missing", WARNING, "no config.pbtxt", delete(FAQ)),
    ("config-name", ERROR, "'resnet'", replace(CONFIG, 'name: "resnet152"', 'name: "resnet"')),
    ("backend", ERROR, "'onnxruntme'", replace(CONFIG, '"onnxruntime"', '"onnxruntme"')),
    ("backend", WARNING, "guesses", replace(CONFIG, 'backend: "onnxruntime"', "")),
    ("backend", WARNING, "malformed text", replace(FAQ, '"onnxruntime"', '"python"')),
    ("auto-complete", ERROR, "no inputs and no outputs", write(FAQ, 'name: "faq_matcher" backend: "onnxruntime"')),
    ("auto-complete", WARNING, "instance_group", replace(CONFIG, INSTANCES, "")),
    ("auto-complete", WARNING, "makes it 4", write(FAQ, 'name: "faq_matcher" backend: "onnxruntime"')),
    ("model-file", ERROR, "model.xml", replace(OPENVINO, 'default_model_filename: "model.onnx"', "")),
    ("model-file", ERROR, "net.onnx", replace(CONFIG, '"model.onnx"', '"net.onnx"')),
    ("version-policy", ERROR, "version 7", append(CONFIG, "version_policy { specific { versions: [7] } }")),
    ("batch-axis", ERROR, "always 1", model((IMAGE[0], IMAGE[1], [1, 224, 224, 3]))),
    ("tensors", ERROR, "no input 'picture'", replace(CONFIG, 'name: "image"', 'name: "picture"')),
    ("tensors", ERROR, "'image' is missing", replace(CONFIG, 'name: "image"', 'name: "picture"')),
    ("tensors", ERROR, "TYPE_UINT8 in the model file", replace(CONFIG, "TYPE_UINT8", "TYPE_FP32")),
    ("tensors", ERROR, "shape", replace(CONFIG, "dims: 1000", "dims: 1001")),
    ("tensors", ERROR, "does not take", model(outputs=("probabilities", TensorProto.INT8, ["n", 1000]))),
    ("dynamic-batching", ERROR, "no max_batch_size", replace(CONFIG, "max_batch_size: 16", "")),
    ("dynamic-batching", ERROR, "-1", replace(CONFIG, "max_batch_size: 16", "max_batch_size: -1")),
    ("dynamic-batching", WARNING, "on its own", replace(CONFIG, BATCHING, "")),
    ("openvino-batching", ERROR, "exactly that batch", append(OPENVINO, "max_batch_size: 8")),
    ("preferred-size", WARNING, "hold", replace(CONFIG, BATCHING, "dynamic_batching { preferred_batch_size: [4, 8] }")),
    ("preferred-size", ERROR, "32", replace(CONFIG, BATCHING, "dynamic_batching { preferred_batch_size: [32] }")),
    ("queue-policy", WARNING, "max_queue_size", replace(CONFIG, BATCHING, POLICY % "max_queue_size: 100")),
    ("queue-policy", WARNING, "timeout", replace(FAQ, BATCHING, POLICY % "default_timeout_microseconds: 9")),
    ("priority-levels", WARNING, "2 priority levels",
     replace(CONFIG, BATCHING, "dynamic_batching { priority_levels: 2 default_priority_level: 1 }")),
    ("priority-levels", ERROR, "refuses", replace(CONFIG, BATCHING, "dynamic_batching { priority_levels: 2 }")),
    ("queue-delay", WARNING, "500 ms",
     replace(CONFIG, BATCHING, "dynamic_batching { max_queue_delay_microseconds: 500000 }")),
    ("engine-threads", WARNING, "every core of the node", replace(CPU, 'string_value: "4"', 'string_value: "0"')),
    ("engine-threads", WARNING, "is not stated", replace(CONFIG, "intra_op_thread_count", "enable_mem_arena")),
    ("gpu-instances", WARNING, "3 instances", replace(GPU, "count: 1", "count: 3")),
    ("accelerators", ERROR, "'openvno'", append(CPU, ACCELERATOR % ("cpu", "openvno", ""))),
    ("accelerators", WARNING, "precision",
     append(CPU, ACCELERATOR % ("cpu", "openvino", 'parameters { key: "precision" value: "FP16" }'))),
    ("accelerators", ERROR, "no effect", append(CPU, ACCELERATOR % ("gpu", "tensorrt", ""))),
    ("accelerators", ERROR, "trt_fp16", replace(TENSORRT, "precision_mode", "trt_fp16")),
    ("accelerators", WARNING, "ignores", append(OPENVINO, ACCELERATOR % ("cpu", "openvino", ""))),
    ("parameters", ERROR, "NUM_STREAM", replace(OPENVINO, "NUM_STREAMS", "NUM_STREAM")),
    ("parameters", ERROR, "no whole number", replace(CPU, 'string_value: "4"', 'string_value: "four"')),
    ("parameters", WARNING, "idle threads", append(CPU, A_PARAMETER % ("session.intra_op.allow_spinning", "0"))),
    ("tensorrt-cache-shared", ERROR, "resnet152, resnet_copy", second_tensorrt_model),
    ("tensorrt-cache", WARNING, "anew", replace(TENSORRT, "trt_engine_cache_path", "trt_engine_cache_prefix")),
    ("tensorrt-profile", WARNING, "max_shapes", replace(TENSORRT, "trt_profile_max_shapes", "trt_tactic_sources")),
    ("tensorrt-profile", ERROR, "32", replace(TENSORRT, "image:64x", "image:32x")),
    ("warm-up", WARNING, "batches of 64", replace(FAQ, "batch_size: 64\n  inputs", "batch_size: 32\n  inputs")),
    ("warm-up", WARNING, "batches of 8", replace(GPU, "batch_size: 8\n", "batch_size: 7\n")),
    ("warm-up-inputs", ERROR, "picture", replace(CPU, 'key: "image"', 'key: "picture"')),
    ("warm-up-inputs", ERROR, "another type", replace(FAQ, "      dims: 1", "      dims: 2")),
    ("labels", ERROR, "is missing", delete("resnet152/labels.txt")),
    ("labels", ERROR, "1,001", append("resnet152/labels.txt", "n00000000\tbackground\n")),
    ("versions", WARNING, "no version", lambda folder: (folder / QUESTIONS).rename(folder / "faq_matcher/.gone")),
    ("versions", WARNING, "interrupted", lambda folder: (folder / "resnet152/.staging-2-77").mkdir()),
    ("versions", WARNING, "v2", lambda folder: (folder / "resnet152/v2").mkdir()),
    ("onnx-readable", ERROR, "empty: Triton", lambda folder: (folder / "resnet152/2").mkdir()),
    ("onnx-readable", ERROR, "0 bytes", write(f"{IMAGES}/model.onnx", b"")),
    ("onnx-readable", ERROR, "cut off", truncate),
    ("onnx-readable", ERROR, "is missing", delete(f"{IMAGES}/model.onnx")),
    ("onnx-version", ERROR, "IR version 13", change_model(lambda found: setattr(found, "ir_version", 13))),
    ("onnx-version", ERROR, "operator set 27",
     change_model(lambda found: setattr(found.opset_import[0], "version", 27))),
    ("external-data", ERROR, "weights.bin", externalise("weights.bin")),
    ("external-data", ERROR, "outside", externalise("../../secret")),
    ("precision", WARNING, "fp16", change_model(halve)),
    ("precision", WARNING, "int8", model(operator="DequantizeLinear")),
    ("parity", ERROR, "is missing", delete(f"{QUESTIONS}/parity.json")),
    ("parity", ERROR, "0.5", put(f"{QUESTIONS}/parity.json", largest_difference=0.5)),
    ("parity", ERROR, "nan", put(f"{IMAGES}/parity.json", fp32={"largest_difference": float("nan"), "tolerance": 1})),
    (
        "parity",
        ERROR,
        "90.0% of the pictures",
        put(f"{IMAGES}/parity.json", precision={"precision": "int8", "top_1": 0.9, "least_agreement": 0.98}),
    ),
    ("model-card", ERROR, "precision int8", put(f"{IMAGES}/model.json", precision="int8")),
    ("parity", ERROR, "proves nothing", write(f"{IMAGES}/parity.json", "{}")),
    ("parity-stale", WARNING, "newer", lambda folder: os.utime(folder / QUESTIONS / "parity.json", (1e9, 1e9))),
    ("model-card", ERROR, "is not JSON", write(f"{IMAGES}/model.json", "{")),
    ("model-card", ERROR, "version 3", put(f"{IMAGES}/model.json", version=3)),
    ("model-card", ERROR, "two different versions", put(f"{IMAGES}/model.json", digest="f" * 64)),
    ("catalog", ERROR, "is missing", delete(f"{QUESTIONS}/catalog.jsonl")),
    ("catalog", ERROR, "lacks: 29", replace(f"{QUESTIONS}/catalog.jsonl", '{"id": 29,', '{"id": 129,')),
    ("catalog", ERROR, "never returns: 129", replace(f"{QUESTIONS}/catalog.jsonl", '{"id": 29,', '{"id": 129,')),
    ("catalog", ERROR, "twice", replace(f"{QUESTIONS}/catalog.jsonl", '{"id": 29,', '{"id": 28,')),
    ("catalog", ERROR, "model.json says 7", put(f"{QUESTIONS}/model.json", entries=7)),
    ("catalog", ERROR, "line 31", append(f"{QUESTIONS}/catalog.jsonl", "oops\n")),
    ("version-labels", ERROR, "SHA-256", append(f"{IMAGES}/labels.txt", "\n")),
    ("untrained", WARNING, "random", put(f"{IMAGES}/model.json", weights="untrained")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "severity", "word", "plant"), PLANTED, ids=lambda each: each if isinstance(each, str) else ""
)
def test_planted_fault_is_found(tmp_path: Path, check: str, severity: Severity, word: str, plant: Plant) -> None:
    """The check of the fault reports it, and says what it has seen and what to do."""
    repository = write_repository(tmp_path)
    plant(repository)
    on = target(Processor.CPU, None) if check == "precision" else AMX
    found = diagnose(repository, on=on, only=check).findings
    assert any(each.severity is severity and word in each.problem and each.advice for each in found), found


def test_more_threads_than_cores_are_found(tmp_path: Path) -> None:
    """A pod of two cores is too small for a config of four threads, and any is for one that leaves the number open."""
    found = diagnose(write_repository(tmp_path), on=target(Processor.HERE, 2)).findings
    problems = {Path(each.file).name: each.problem for each in found if each.check == "engine-threads"}
    assert "4 threads" in problems["cpu.pbtxt"]
    assert "every core of the node" in problems["local-openvino.pbtxt"]
    assert "gpu.pbtxt" not in problems


def test_instances_multiply_threads(tmp_path: Path) -> None:
    """Two instances of four threads fit eight cores, not six."""
    repository = write_repository(tmp_path)
    replace(CPU, "count: 1", "count: 2")(repository)
    assert diagnose(repository, on=target(Processor.CPU_AMX, 8), config_name="cpu").findings == []
    (found,) = diagnose(repository, on=target(Processor.CPU_AMX, 6), config_name="cpu").findings
    assert "4 threads x 2 instances" in found.problem
    assert found.advice.startswith("set intra_op_thread_count to 3")


def test_config_that_no_model_has_is_found(tmp_path: Path) -> None:
    """Triton would take config.pbtxt without a word; the name that was probably meant is told."""
    (found,) = [each for each in diagnose(write_repository(tmp_path), config_name="cpu-openvin").findings
                if each.check == "config-choice"]  # fmt: skip
    assert "cpu-openvino" in found.advice


def test_old_platform_names_the_backend(tmp_path: Path) -> None:
    """Configs of older Tritons say platform: "onnxruntime_onnx"."""
    repository = write_repository(tmp_path)
    replace(FAQ, 'backend: "onnxruntime"', 'platform: "onnxruntime_onnx"')(repository)
    assert diagnose(repository).findings == []


def test_fp16_suits_a_gpu(tmp_path: Path) -> None:
    """What is slow on a CPU is what a GPU is for."""
    repository = write_repository(tmp_path)
    change_model(halve)(repository)
    put(f"{IMAGES}/model.json", precision="fp16")(repository)
    assert diagnose(repository, on=target(Processor.GPU, None)).findings == []


def test_every_check_of_models_has_a_planted_fault() -> None:
    """A new check needs one, too."""
    modules = (
        config_file,
        tensors,
        batching,
        engines,
        tensorrt,
        warmup,
        labels,
        version_files,
        version_proof,
        version_answers,
    )
    known = {check.id for module in modules for check in module.CHECKS}
    assert known - {check for check, *_ in PLANTED} == {"config-choice"}
