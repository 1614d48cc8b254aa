"""Faults to plant in a healthy repository: each edits files in a folder."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from onnx import TensorProto, load, numpy_helper

from tests.doctor.healthy import save_model

Plant = Callable[[Path], object]
IMAGE: tuple[str, int, list[int | str]] = ("image", TensorProto.UINT8, ["n", 224, 224, 3])
PROBABILITIES: tuple[str, int, list[int | str]] = ("probabilities", TensorProto.FLOAT, ["n", 1000])
CONFIG, CPU = "resnet152/config.pbtxt", "resnet152/configs/cpu.pbtxt"
GPU, TENSORRT = "resnet152/configs/gpu.pbtxt", "resnet152/configs/gpu-tensorrt.pbtxt"
OPENVINO, FAQ = "resnet152/configs/cpu-openvino.pbtxt", "faq_matcher/config.pbtxt"
IMAGES, QUESTIONS = "resnet152/1", "faq_matcher/1"


def replace(path: str, old: str, new: str) -> Plant:
    """Replace a text that is there, everywhere in the file."""

    def edit(repository: Path) -> None:
        text = (repository / path).read_text()
        assert old in text, f"{path} has no {old!r}"
        (repository / path).write_text(text.replace(old, new))

    return edit


def append(path: str, text: str) -> Plant:
    """Add to the end of a file."""
    return lambda repository: (repository / path).write_text((repository / path).read_text() + text)


def write(path: str, content: str | bytes) -> Plant:
    """Write a file."""
    data = content.encode() if isinstance(content, str) else content
    return lambda repository: (repository / path).write_bytes(data)


def delete(path: str) -> Plant:
    """Delete a file."""
    return lambda repository: (repository / path).unlink()


def put(path: str, **values: Any) -> Plant:
    """Change values in a JSON file."""
    return lambda repository: (repository / path).write_text(
        json.dumps({**json.loads((repository / path).read_text()), **values})
    )


def model(
    inputs: tuple[str, int, list[int | str]] = IMAGE,
    outputs: tuple[str, int, list[int | str]] = PROBABILITIES,
    operator: str = "Identity",
) -> Plant:
    """Put another graph in the place of the image model."""
    return lambda repository: save_model(repository / IMAGES / "model.onnx", [inputs, outputs], [], operator)


def change_model(change: Callable[[Any], object]) -> Plant:
    """Change the image model's protobuf."""

    def edit(repository: Path) -> None:
        path = repository / IMAGES / "model.onnx"
        found = load(path, load_external_data=False)
        change(found)
        path.write_bytes(found.SerializeToString())

    return edit


def externalise(location: str) -> Plant:
    """Say that the image model's weights lie in another file."""

    def change(found: Any) -> None:
        tensor = found.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=location)

    return change_model(change)


def halve(found: Any) -> None:
    """Keep the weights in FP16."""
    tensor = found.graph.initializer[0]
    values = numpy_helper.to_array(tensor).astype("float16")
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))


def truncate(repository: Path) -> None:
    """Copy the model by half."""
    path = repository / IMAGES / "model.onnx"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def second_tensorrt_model(repository: Path) -> None:
    """Serve a copy of the image model from the same engine cache."""
    shutil.copytree(repository / "resnet152", repository / "resnet_copy")
    for path in (repository / "resnet_copy").rglob("*.pbtxt"):
        path.write_text(path.read_text().replace('"resnet152"', '"resnet_copy"'))
    put("resnet_copy/1/model.json", model="resnet_copy")(repository)
