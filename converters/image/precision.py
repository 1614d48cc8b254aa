"""FP16 and INT8: the same network in fewer bits, its head and its interface in FP32."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.calibrate import TensorsData, save_tensors_data
from onnxruntime.quantization.shape_inference import quant_pre_process
from onnxruntime.transformers.float16 import DEFAULT_OP_BLOCK_LIST, convert_float_to_float16
from onnxruntime.transformers.onnx_model import OnnxModel

from converters.errors import ModelError
from converters.image import ranges
from converters.image.core import Core
from converters.image.image_folder import ImageFolder
from converters.image.onnx_parts import drop_unused_domains
from converters.image.wrapping import normalised
from converters.progress import Progress

_WEIGHTED = {"Conv", "Gemm", "MatMul"}


def reduced(core: Core, precision: str, photos: ImageFolder | None, folder: Path, progress: Progress) -> Core:
    """The core in "fp16" or "int8"; large files that are needed on the way stand in `folder`.

    INT8 is calibrated on the first half of `photos`. Raises ModelError for a network that cannot be converted.
    """
    try:
        with TemporaryDirectory(dir=folder) as work:
            if precision == "fp16":
                return _halved(core, Path(work))
            assert photos is not None
            pixels = progress.track(list(photos.calibration), "Pictures for calibration")
            return _quantized(core, pixels, Path(work))
    except OSError:
        raise
    except Exception as reason:  # the converters fail in as many ways as there are graphs
        raise ModelError(
            f"the network cannot be converted to {precision}: {reason}", hint="publish it with --precision fp32"
        ) from reason


def _halved(core: Core, work: Path) -> Core:
    """FP16 with softmax, input and output in FP32; batch norms are first folded into convolutions.

    Folding comes first because a variance of 1e-8 is nothing in FP16.
    """
    model = _prepared(core, work)
    blocked = [*DEFAULT_OP_BLOCK_LIST, "Softmax"]
    converted = OnnxModel(convert_float_to_float16(model, keep_io_types=True, op_block_list=blocked))
    converted.topological_sort()  # its casts stand at the end, whatever they are needed for
    return replace(core, model=converted.model)


def _quantized(core: Core, pixels: Iterator[NDArray[np.uint8]], work: Path) -> Core:
    """INT8 (QDQ, per channel, unsigned activations) with the head in FP32; `pixels` are single pictures [224, 224, 3].

    Activations are unsigned: signed ones took ONNX Runtime three times as long on a processor with VNNI. The head stays
    in FP32 because steps of 1/255 turn small probabilities into zeros.
    """
    prepared, source, result, table = _prepared(core, work), *(work / name for name in ("in", "out", "ranges"))
    found = ranges.find(prepared, (normalised(core, picture[None]) for picture in pixels), source)
    save_tensors_data(TensorsData(CalibrationMethod.MinMax, found), table)
    onnx.save(prepared, source)
    quantize_static(
        source,
        result,
        calibration_cache_path=table,
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=head(prepared.graph),
    )
    model = onnx.load(result)
    drop_unused_domains(model)
    return replace(core, model=model)


def head(graph: onnx.GraphProto) -> list[str]:
    """Names of the last layer with weights and of all that follows it."""
    nodes = list(graph.node)
    last = max(position for position, node in enumerate(nodes) if node.op_type in _WEIGHTED)
    reached = set(nodes[last].output)
    names = [nodes[last].name]
    for node in nodes[last + 1 :]:
        if reached & set(node.input):
            reached |= set(node.output)
            names.append(node.name)
    return names


def _prepared(core: Core, folder: Path) -> onnx.ModelProto:
    """The core with shapes known, constants computed and batch norms folded; every node has a name of its own."""
    source, result = folder / "core.onnx", folder / "prepared.onnx"
    onnx.save(core.model, source)
    quant_pre_process(source, result, skip_symbolic_shape=True)
    model = onnx.load(result)
    for number, node in enumerate(model.graph.node):
        node.name = f"{node.op_type}_{number}"
    return model
