"""PyTorch's ResNet-152: the graph that comes out of it, and that it answers as PyTorch does."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from converters.errors import WeightsError
from converters.image import torch_source
from converters.image.core import IR_VERSION, NORMALISATIONS, OPSET, Core, Floats
from converters.image.pictures import pictures
from converters.image.torch_export import export
from preprocessing.image import ImageSpec

BATCHES = (1, 2, 3, 7, 32)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of the full network with random weights, in half precision, as many are."""
    path = tmp_path_factory.mktemp("weights") / "mine.pth"
    torch.save(torch_source.untrained(0).half().state_dict(), path)
    return path


@pytest.fixture(scope="module")
def core(checkpoint: Path) -> Core:
    """The full network, exported once."""
    return torch_source.load(str(checkpoint))


@pytest.fixture(scope="module")
def images(core: Core) -> Floats:
    """As many pictures as the largest batch, as the network reads them."""
    return np.ascontiguousarray(core.normalisation(pictures(max(BATCHES), seed=2)).transpose(0, 3, 1, 2))


def test_says_what_belongs_to_the_weights(core: Core) -> None:
    """A user's file is resized as is usual; the network gives logits."""
    assert (core.framework, core.weights, core.softmax) == ("torch", "mine.pth", False)
    assert core.spec == ImageSpec(resize=256, crop=224, filter="bilinear")
    assert core.normalisation is NORMALISATIONS["torch"]


def test_graph_is_one_that_triton_reads(core: Core) -> None:
    """One input, one output, both with a dynamic first axis, in an operator set and file version of 2024."""
    model = core.model
    shapes = [
        [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    ]
    assert shapes == [["batch", 3, 224, 224], ["batch", 1000]]
    assert [(item.domain, item.version) for item in model.opset_import] == [("", OPSET)]
    assert model.ir_version <= IR_VERSION
    assert not any(tensor.external_data for tensor in model.graph.initializer)


def test_batch_norms_are_folded_into_convolutions(core: Core) -> None:
    """What is left are 155 convolutions and what joins them."""
    operators = Counter(node.op_type for node in core.model.graph.node)
    assert operators == {"Conv": 155, "Relu": 151, "Add": 50, "MaxPool": 1, "ReduceMean": 1, "Gemm": 1}


def test_answers_as_torch_does_at_every_batch(core: Core, images: Floats) -> None:
    """Logits within 1e-5 of the largest, the same five best classes in the same order."""
    assert core.reference is not None
    expected = core.reference(images)
    session = onnxruntime.InferenceSession(core.model.SerializeToString(), providers=["CPUExecutionProvider"])
    for batch in BATCHES:
        (found,) = session.run(None, {session.get_inputs()[0].name: images[-batch:]})
        wanted = expected[-batch:]
        assert np.abs(found - wanted).max() <= 1e-5 * np.abs(wanted).max()
        assert np.array_equal(np.argsort(-found)[:, :5], np.argsort(-wanted)[:, :5])


def test_export_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """The exporter's own reports and warnings reach nobody."""
    export(torch_source.untrained(0, (1, 1, 1, 1), 4))
    assert capfd.readouterr() == ("", "")


def test_official_files_bring_their_own_resize_rule() -> None:
    """The names of torchvision's files end in the start of their SHA-256; its second weights want 232 pixels."""
    assert torch_source.NAMED["imagenet"] is torch_source.V2
    assert [(item.name, item.checksum, item.resize) for item in (torch_source.V2, torch_source.V1)] == [
        ("imagenet-v2", "f82ba261", 232),
        ("imagenet-v1", "394f9c45", 256),
    ]
    assert torch_source.V2.remote.url == "https://download.pytorch.org/models/resnet152-f82ba261.pth"


@pytest.mark.parametrize("weights", ["imagnet", "missing/mine.pth"])
def test_what_is_neither_a_name_nor_a_file_is_refused(weights: str) -> None:
    """A misspelt name is taken for a path, and the error shows it."""
    with pytest.raises(WeightsError, match=re.escape(f"cannot read {weights}: No such file")) as caught:
        torch_source.load(weights)
    assert "untrained" in caught.value.hint
