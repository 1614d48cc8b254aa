"""A model repository and manifests in which nothing is wrong, small enough to be made for each test."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import yaml
from onnx import TensorProto, helper, numpy_helper

from doctor.examination import Diagnosis, admit, examine
from doctor.register import CHECKS
from doctor.target import Processor, Target, target

ROOT = Path(__file__).parents[2]
DIGEST = "4ad4eba5103383c24b1528bffcf444edd6443e94781853f689371b326ff8a405"
ENTRIES = 30
AMX = target(Processor.CPU_AMX, None)
MANIFESTS = Path(__file__).with_name("healthy_manifests.yaml")


def write_repository(folder: Path) -> Path:
    """Make the committed repository with a version of each model: real configs and files, tiny graphs."""
    for model in ("faq_matcher", "resnet152"):
        for path in (ROOT / "model_repository" / model).rglob("*.pbtxt"):
            goal = folder / path.relative_to(ROOT / "model_repository")
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, goal)
    _write_faq(folder / "faq_matcher" / "1")
    _write_images(folder / "resnet152" / "1")
    shutil.copy(ROOT / "model_repository/resnet152/labels.txt", folder / "resnet152/labels.txt")
    return folder


def manifests() -> list[dict[str, Any]]:
    """The healthy manifests, to be changed."""
    return list(yaml.safe_load_all(MANIFESTS.read_text()))


def save_manifests(documents: list[dict[str, Any]], path: Path) -> Path:
    """Write manifests into a file."""
    path.write_text(yaml.safe_dump_all(documents))
    return path


def diagnose(
    repository: Path,
    manifests: Path | None = None,
    environ: dict[str, str] | None = None,
    *,
    on: Target = AMX,
    config_name: str | None = None,
    only: str = "",
) -> Diagnosis:
    """Run every check, or only that of an id."""
    paths = [manifests] if manifests else []
    checks = [check for check in CHECKS if only in {"", check.id}]
    return examine(admit(repository, paths, on, config_name, environ or {}), checks)


def faults(diagnosis: Diagnosis) -> set[str]:
    """Ids of the checks that found something."""
    return {finding.check for finding in diagnosis.findings}


def save_model(
    path: Path,
    tensors: list[tuple[str, int, list[int | str]]],
    weights: list[onnx.TensorProto],
    operator: str = "Identity",
) -> None:
    """Write a graph of one operator from the first tensor, its input, to the others."""
    (first, *others) = [helper.make_tensor_value_info(*each) for each in tensors]
    node = helper.make_node(operator, [first.name], [each.name for each in others])
    graph = helper.make_graph([node], "tiny", [first], others, initializer=weights)
    path.write_bytes(
        helper.make_model(graph, ir_version=9, opset_imports=[helper.make_opsetid("", 20)]).SerializeToString()
    )


def _write_faq(folder: Path) -> None:
    folder.mkdir(parents=True)
    ids = numpy_helper.from_array(np.arange(ENTRIES), "entry_ids")
    shapes: list[tuple[str, int, list[int | str]]] = [
        ("question", TensorProto.STRING, ["n", 1]),
        ("ids", TensorProto.INT64, ["n", 20]),
        ("probabilities", TensorProto.FLOAT, ["n", 20]),
    ]
    save_model(folder / "model.onnx", shapes, [ids])
    entries = [{"id": number, "question": "?", "answer_id": number, "answer": "!"} for number in range(ENTRIES)]
    (folder / "catalog.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    card = {"model": "faq_matcher", "version": 1, "digest": DIGEST, "entries": ENTRIES, "top_k": 20}
    (folder / "model.json").write_text(json.dumps(card))
    (folder / "parity.json").write_text(json.dumps({"largest_difference": 6e-7, "tolerance": 1e-5, "worst": "x"}))


def _write_images(folder: Path) -> None:
    folder.mkdir(parents=True)
    weights = numpy_helper.from_array(np.zeros(8, np.float32), f"{DIGEST[:12]}/weight")
    shapes: list[tuple[str, int, list[int | str]]] = [
        ("image", TensorProto.UINT8, ["n", 224, 224, 3]),
        ("probabilities", TensorProto.FLOAT, ["n", 1000]),
    ]
    save_model(folder / "model.onnx", shapes, [weights])
    labels = (ROOT / "model_repository/resnet152/labels.txt").read_bytes()
    (folder / "labels.txt").write_bytes(labels)
    card = {
        "model": "resnet152",
        "version": 1,
        "digest": DIGEST,
        "weights": "imagenet-v2",
        "classes": 1000,
        "precision": "fp32",
    }
    card["labels_sha256"] = hashlib.sha256(labels).hexdigest()
    (folder / "model.json").write_text(json.dumps(card))
    proof = {"fp32": {"largest_difference": 1.3e-6, "tolerance": 1e-4}, "weights": "imagenet-v2"}
    (folder / "parity.json").write_text(json.dumps(proof))
