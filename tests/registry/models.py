"""A model repository small enough to be pushed and pulled many times."""

import json
from pathlib import Path

from tests.gateway.faq import write_version

MODEL = "faq_matcher"
_PARITY = {"largest_difference": 1e-7, "tolerance": 1e-5, "libraries": {"numpy": "1.26.4"}}


def write_model(repository: Path, *versions: int, weights: int = 3000) -> Path:
    """Write a model with these versions, each with `weights` bytes that no other version has; return its folder."""
    for version in versions:
        folder = write_version(repository, version, shift=version)
        (folder / "model.onnx").write_bytes(bytes([version]) * weights)
        (folder / "pipeline.skops").write_bytes(b"trained %d" % version)
        (folder / "parity.json").write_text(json.dumps(_PARITY))
    model = repository / MODEL
    (model / "configs").mkdir(exist_ok=True)
    (model / "config.pbtxt").write_text('backend: "onnxruntime"\n')
    (model / "configs" / "gpu.pbtxt").write_text('backend: "onnxruntime"\ninstance_group { kind: KIND_GPU }\n')
    (model / "labels.txt").write_text("a\nb\n")
    return model


def tree(folder: Path) -> dict[str, bytes]:
    """All files of a folder by path, but for what is hidden."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {
        path.as_posix(): (folder / path).read_bytes()
        for path in paths
        if not any(part.startswith(".") for part in path.parts)
    }
