"""From a PyTorch network to its ONNX graph."""

import logging
import warnings

import onnx
import torch
from torch import nn

from converters.image.core import OPSET, SIDE

# It warns of each torchvision operator that it cannot translate, wanted or not, where torchvision is not installed.
logging.getLogger("torch.onnx._internal.exporter._registration").setLevel(logging.ERROR)


def export(network: nn.Module) -> onnx.ModelProto:
    """One graph: `image` FLOAT [batch, 3, 224, 224], normalised → `logits` FLOAT [batch, classes].

    The exporter's optimizer folds batch norms into the convolutions before them.
    """
    sample = torch.zeros(2, 3, SIDE, SIDE)  # 1 would be taken for a constant
    with warnings.catch_warnings(action="ignore"):  # torch warns of what it does itself
        program = torch.onnx.export(
            network,
            (sample,),
            dynamo=True,
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            input_names=["image"],
            output_names=["logits"],
            opset_version=OPSET,
            external_data=False,
            verbose=False,
        )
    assert program is not None
    model: onnx.ModelProto = program.model_proto
    return model
