"""From a Keras network to its ONNX graph. Import it after `keras_runtime.prepare`."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import onnx
import onnxruntime
import tensorflow as tf
import tf2onnx
from onnx import numpy_helper, version_converter

from converters.image.core import OPSET, SIDE
from converters.image.keras_network import HEAD, POOL
from converters.image.onnx_parts import drop_unused_domains

_NEWEST_OPSET = 18  # that tf2onnx 1.17 writes
_IMAGE, _LOGITS = "image", "logits"


def export(network: keras.Model) -> onnx.ModelProto:
    """One graph: `image` FLOAT [batch, 3, 224, 224], normalised → `logits` FLOAT [batch, classes].

    Kernels travel around TensorFlow and tf2onnx, as inputs that become constants afterwards: with them inside, tf2onnx
    took 12 GB and two minutes for ResNet-152 instead of 1.4 GB and half a minute.
    """
    kernels = [variable for variable in network.variables if variable.path.endswith("/kernel")]
    model = version_converter.convert_version(_skeleton(network, kernels), OPSET)
    del model.graph.input[1:]
    for place, kernel in enumerate(kernels):
        model.graph.initializer.append(numpy_helper.from_array(kernel.numpy(), _name(place)))
    return _tidied(_folded(model.SerializeToString()))


def _name(place: int) -> str:
    return f"kernel_{place}"


def _skeleton(network: keras.Model, kernels: Sequence[Any]) -> onnx.ModelProto:
    """The graph with all but the `kernels`, which are inputs.

    The head is spelled out so that the mean is taken over channels-first maps, and no transposition is left.
    """
    body = keras.Model(network.input, network.get_layer(POOL).input)
    head = network.get_layer(HEAD)
    signature = [tf.TensorSpec((None, SIDE, SIDE, 3), tf.float32, name=_IMAGE)]
    signature += [tf.TensorSpec(kernel.shape, tf.float32, name=_name(place)) for place, kernel in enumerate(kernels)]

    def forward(image: Any, *values: Any) -> dict[str, Any]:
        with keras.StatelessScope(state_mapping=list(zip(kernels, values, strict=True))):
            maps = tf.transpose(body(image, training=False), (0, 3, 1, 2))
            return {_LOGITS: head(tf.reduce_mean(maps, (2, 3)))}

    function = tf.function(forward, input_signature=signature)
    model: onnx.ModelProto
    model, _ = tf2onnx.convert.from_function(function, signature, opset=_NEWEST_OPSET, inputs_as_nchw=[_IMAGE])
    return model


def _folded(model: bytes) -> onnx.ModelProto:
    """Let ONNX Runtime fold constants, and batch norms into the convolutions before them; it stays standard ONNX."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3  # errors
    options.add_session_config_entry("session.disable_prepacking", "1")  # it is never run
    with tempfile.TemporaryDirectory() as folder:
        options.optimized_model_filepath = str(Path(folder, "folded.onnx"))
        onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        return onnx.load(options.optimized_model_filepath)


def _tidied(model: onnx.ModelProto) -> onnx.ModelProto:
    """Call the batch axis by its name; ONNX Runtime declares operator sets that nobody needs."""
    drop_unused_domains(model)
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    return model
