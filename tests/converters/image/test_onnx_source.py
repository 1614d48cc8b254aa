"""A user's ONNX classifiers: what is taken in, what is refused, and with which words."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from converters.errors import ModelError
from converters.image import onnx_source
from converters.image.core import IR_VERSION, NORMALISATIONS, OPSET
from converters.image.onnx_check import read
from converters.image.onnx_contract import check_contract, last_operator
from converters.image.pictures import pictures
from preprocessing.image import ImageSpec
from tests.converters.image.onnx_files import classifier, saved


def test_takes_in_a_classifier(tmp_path: Path) -> None:
    """Layout, normalisation and resize rule are as said; the graph answers as the file, in the stack's versions."""
    path = saved(classifier(opset=13), tmp_path)
    core = onnx_source.load(path, "keras-tf", 240)
    assert (core.framework, core.weights, core.softmax, core.reference) == ("onnx", "mine.onnx", False, None)
    assert core.normalisation is NORMALISATIONS["keras-tf"]
    assert core.spec == ImageSpec(resize=240)
    assert [(item.domain, item.version) for item in core.model.opset_import] == [("", OPSET)]
    assert core.model.ir_version == IR_VERSION
    images = np.ascontiguousarray(core.normalisation(pictures(3)).transpose(0, 3, 1, 2))
    before, after = (
        onnxruntime.InferenceSession(model).run(None, {"image": images})[0]
        for model in (path.read_bytes(), core.model.SerializeToString())
    )
    np.testing.assert_allclose(after, before, rtol=1e-5)


OPEN_SHAPES: list[list[int | str | None]] = [
    ["n", 224, 224, 3],
    [None, 3, 224, 224],
    ["n", 3, "height", "width"],
    ["n", "height", "width", 3],
    [-1, 3, 224, -1],
]


@pytest.mark.parametrize("shape", OPEN_SHAPES, ids=str)
def test_open_extents_become_what_they_must_be(shape: list[int | str | None]) -> None:
    """Where height and width are left open, they are 224; the place of the channels must be stated."""
    model = classifier(shape=shape, output=["n", None])
    check_contract(model)
    image, answers = model.graph.input[0], model.graph.output[0]
    dims = [dim.dim_value or dim.dim_param for dim in image.type.tensor_type.shape.dim]
    assert dims == (["batch", 3, 224, 224] if shape[1] == 3 else ["batch", 224, 224, 3])
    assert [dim.dim_value or dim.dim_param for dim in answers.type.tensor_type.shape.dim] == ["batch", 1000]


@pytest.mark.parametrize(
    ("tail", "softmax"),
    [
        ((), False),
        (("Identity",), False),
        (("LogSoftmax",), False),
        (("Softmax",), True),
        (("Softmax", "Identity", "Cast", "Reshape"), True),
        (("Reshape to four axes", "Softmax", "Squeeze"), True),
    ],
    ids=str,
)
def test_softmax_is_found_where_there_is_one(tail: tuple[str, ...], *, softmax: bool, tmp_path: Path) -> None:
    """Whatever passes the probabilities on behind the softmax, it is applied exactly once."""
    core = onnx_source.load(saved(classifier(tail), tmp_path), "torch")
    assert core.softmax is softmax
    assert core.spec == ImageSpec(resize=256)


def test_looks_through_what_passes_values_on() -> None:
    """The operator that computes the output is found behind those that do not change it."""
    assert last_operator(classifier(("Softmax", "Cast", "Reshape", "Identity")).graph) == "Softmax"
    assert last_operator(classifier().graph) == "Gemm"
    assert last_operator(onnx.GraphProto(output=[onnx.ValueInfoProto(name="x")])) == ""


def test_constants_among_the_inputs_are_none(tmp_path: Path) -> None:
    """Old exporters list weights as inputs too; they are constants all the same."""
    model = classifier()
    for tensor in model.graph.initializer:
        model.graph.input.insert(0, helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))
    core = onnx_source.load(saved(model, tmp_path), "torch")
    assert [value.name for value in core.model.graph.input] == ["image"]


Spoil = Callable[[onnx.ModelProto], object]


def _typed(kind: int) -> Spoil:
    return lambda model: setattr(model.graph.input[0].type.tensor_type, "elem_type", kind)


def _second_output(model: onnx.ModelProto) -> None:
    model.graph.output.append(helper.make_tensor_value_info("flat", TensorProto.FLOAT, ["n", 147]))


def _second_input(model: onnx.ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["n", 1]))


def _foreign(model: onnx.ModelProto) -> None:
    model.graph.node[0].domain, model.graph.node[0].op_type = "my.domain", "MyPool"
    model.opset_import.append(helper.make_opsetid("my.domain", 1))


def _foreign_inside(model: onnx.ModelProto) -> None:
    branch = helper.make_graph([helper.make_node("Mine", [], ["y"], domain="deep.domain")], "branch", [], [])
    model.graph.node.append(helper.make_node("If", ["flag"], ["unused"], then_branch=branch, else_branch=branch))


def _contrib_unknown(model: onnx.ModelProto) -> None:
    model.graph.node[0].domain, model.graph.node[0].op_type = "com.microsoft", "NoSuchOperator"
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))


def _claims(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].dims[:] = [2**20, 2**20]


def _huge_result(model: onnx.ModelProto) -> None:
    """A hundred bytes that make a tensor of 256 GiB."""
    model.graph.initializer.append(numpy_helper.from_array(np.array([2**36]), "much"))
    model.graph.node.insert(0, helper.make_node("ConstantOfShape", ["much"], ["zeros"]))
    model.graph.node.insert(1, helper.make_node("ReduceSum", ["zeros"], ["sum"], keepdims=0))
    model.graph.node.append(helper.make_node("Add", ["answers", "sum"], ["more"]))
    model.graph.output[0].name = "more"


def _cyclic(model: onnx.ModelProto) -> None:
    model.graph.node[0].input[0] = "answers"


def _batch_statistics(model: onnx.ModelProto) -> None:
    """What a batch norm in training mode does: it takes the mean over the batch."""
    model.graph.initializer.append(numpy_helper.from_array(np.array([0]), "rows"))
    model.graph.node.append(helper.make_node("ReduceMean", ["answers", "rows"], ["mean"], keepdims=1))
    model.graph.node.append(helper.make_node("Sub", ["answers", "mean"], ["centred"]))
    model.graph.output[0].name = "centred"


def _not_a_number(model: onnx.ModelProto) -> None:
    bias = next(tensor for tensor in model.graph.initializer if tensor.name == "bias")
    bias.raw_data = np.full(1000, np.nan, np.float32).tobytes()


REFUSED: dict[str, tuple[onnx.ModelProto, Spoil | None, str]] = {
    "fixed batch": (classifier(shape=[8, 3, 224, 224]), None, "input 'image' takes exactly 8 pictures a time"),
    "batch of one": (classifier(shape=[1, 224, 224, 3]), None, "input 'image' takes exactly 1 pictures a time"),
    "fixed batch inside": (classifier(("Reshape to one picture",)), None, "it fails on a batch of 2"),
    "other size": (classifier(shape=["n", 3, 299, 299]), None, "has the shape [?, 3, 299, 299], which is neither"),
    "one channel": (classifier(shape=["n", 1, 224, 224]), None, "has the shape [?, 1, 224, 224], which is neither"),
    "open channels": (classifier(shape=["n", None, None, None]), None, "[?, ?, ?, ?], which could be either"),
    "threes on both sides": (classifier(shape=["n", 3, None, 3]), None, "[?, 3, ?, 3], which is neither"),
    "a vector": (classifier(shape=["n", 150528]), None, "has the shape [?, 150528], which is neither"),
    "uint8 input": (classifier(), _typed(TensorProto.UINT8), "input 'image' holds UINT8, not FLOAT"),
    "half input": (classifier(), _typed(TensorProto.FLOAT16), "input 'image' holds FLOAT16, not FLOAT"),
    "unknown type": (classifier(), _typed(99), "holds 99, not FLOAT"),
    "two outputs": (classifier(), _second_output, "it has 2 outputs (answers, flat), not one"),
    "two inputs": (classifier(), _second_input, "it has 2 inputs (image, mask), not one"),
    "no output": (classifier(), lambda model: model.graph.ClearField("output"), "it has 0 outputs (), not one"),
    "other classes": (classifier(classes=37, output=["n", 37]), None, "output 'answers' has the shape [?, 37], not"),
    "other classes, not said": (classifier(classes=1001, output=["n", None]), None, "shape [1, 1001], not [1, 1000]"),
    "maps": (classifier(output=["n", 1000, 1, 1]), None, "has the shape [?, 1000, 1, 1], not [N, 1000]"),
    "four axes, not said": (classifier(("Reshape to four axes",), output=["n", None]), None, "shape [1, 1000, 1, 1],"),
    "several labels": (classifier(("Sigmoid", "Identity")), None, "ends in Sigmoid"),
    "softmax over the batch": (classifier(("Softmax over the batch",)), None, "depends on the other pictures"),
    "batch statistics": (classifier(), _batch_statistics, "its answer to a picture depends on the other pictures"),
    "foreign operator": (classifier(), _foreign, "uses the operator MyPool of 'my.domain', which ONNX"),
    "foreign operator inside": (classifier(), _foreign_inside, "uses the operator Mine of 'deep.domain'"),
    "unknown contrib operator": (classifier(), _contrib_unknown, "ONNX Runtime cannot load it"),
    "NaN": (classifier(), _not_a_number, "its answers to plain pictures are NaN or infinite"),
    "no nodes": (classifier(), lambda model: model.graph.ClearField("node"), "it is not an ONNX model"),
    "dangling": (classifier(), lambda model: model.graph.node.pop(0), "it is no valid ONNX model"),
    "cyclic": (classifier(), _cyclic, "it is no valid ONNX model"),
    "opset of the future": (classifier(), lambda model: setattr(model.opset_import[0], "version", 99), "99"),
    "tensor claims terabytes": (classifier(), _claims, "it is no valid ONNX model"),
    "result of terabytes": (classifier(), _huge_result, "mine.onnx"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_what_cannot_be_served(case: str, tmp_path: Path) -> None:
    """Each fault is told in a line that names it, with a hint."""
    model, spoil, message = REFUSED[case]
    spoilt = onnx.ModelProto()
    spoilt.CopyFrom(model)
    if spoil:
        spoil(spoilt)
    with pytest.raises(ModelError) as caught:
        onnx_source.load(saved(spoilt, tmp_path), "torch")
    assert message in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("spoil", [_claims, _huge_result])
def test_claims_of_size_take_no_memory(spoil: Spoil, tmp_path: Path) -> None:
    """A small file that asks for terabytes or gigabytes is refused by a process that stays under 300 MB."""
    model = classifier()
    spoil(model)
    code = (
        "import resource, sys, pathlib\n"
        "from converters.image import onnx_source\n"
        "try: onnx_source.load(pathlib.Path(sys.argv[1]), 'torch')\n"
        "except Exception as error: print(type(error).__name__)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    command = [sys.executable, "-c", code, str(saved(model, tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    error, kilobytes = done.stdout.split()
    assert error == "ModelError"
    assert int(kilobytes) < 300_000


def test_a_file_version_of_the_future_is_brought_back(tmp_path: Path) -> None:
    """A newer file version, with nothing new in it, is written as one that Triton's ONNX Runtime reads."""
    model = classifier(opset=22)
    model.ir_version = 11
    assert onnx_source.load(saved(model, tmp_path), "torch").model.ir_version == IR_VERSION


def test_refuses_what_is_no_file(tmp_path: Path) -> None:
    """Missing, a folder, or something else than a model."""
    with pytest.raises(ModelError, match=r"missing.onnx: it cannot be read: No such file"):
        onnx_source.load(tmp_path / "missing.onnx", "torch")
    with pytest.raises(ModelError, match="it is not a file"):
        onnx_source.load(tmp_path, "torch")
    (tmp_path / "empty.onnx").touch()
    with pytest.raises(ModelError, match="it is not an ONNX model, or is truncated"):
        onnx_source.load(tmp_path / "empty.onnx", "torch")


def test_refuses_impossible_preprocessing(tmp_path: Path) -> None:
    """A normalisation that nobody knows, and a picture smaller than what is cut out of it."""
    with pytest.raises(ModelError, match="--preprocess caffe is unknown") as caught:
        onnx_source.load(tmp_path / "any.onnx", "caffe")
    assert "keras-caffe" in caught.value.hint
    with pytest.raises(ModelError, match="--resize 100 is impossible"):
        onnx_source.load(tmp_path / "any.onnx", "torch", 100)


def _read_or_refused(path: Path) -> None:
    with suppress(ModelError):
        check_contract(read(path))


@given(st.binary(max_size=2000))
@settings(max_examples=200)
def test_random_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever the bytes, there is a ModelError and nothing else."""
    path = tmp_path_factory.getbasetemp() / "random.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError):
        check_contract(read(path))


def test_damaged_models_are_read_or_refused(tmp_path: Path) -> None:
    """A model cut off anywhere, or with other bytes in it, gives a model or a ModelError, and does so at once."""
    whole = saved(classifier(("Softmax",), classes=10), tmp_path).read_bytes()
    draw, path, started = random.Random(0), tmp_path / "damaged.onnx", time.monotonic()
    for length in range(0, len(whole), len(whole) // 50):
        path.write_bytes(whole[:length])
        _read_or_refused(path)
    for _ in range(300):
        spoilt = bytearray(whole)
        for _ in range(draw.choice((1, 3, 30))):
            place = draw.randrange(len(whole)) if draw.random() < 0.2 else -draw.randrange(1, 900)
            spoilt[place] = draw.randrange(256)
        path.write_bytes(spoilt)
        _read_or_refused(path)
    assert time.monotonic() - started < 60


def test_damaged_models_end_well_in_whole(tmp_path: Path) -> None:
    """The same through the process in which ONNX Runtime runs them."""
    whole = saved(classifier(("Softmax",)), tmp_path).read_bytes()
    draw, path = random.Random(1), tmp_path / "damaged.onnx"
    for _ in range(4):
        spoilt = bytearray(whole)
        for _ in range(5):
            spoilt[-draw.randrange(1, 900)] = draw.randrange(256)
        path.write_bytes(spoilt)
        with suppress(ModelError):
            onnx_source.load(path, "torch")
