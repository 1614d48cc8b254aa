"""The only writer of `config.pbtxt`: through Triton's own protobuf, and only for what the ONNX file really offers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import onnx
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from converters.errors import PublishError

# ONNX element type -> Triton data type (Triton, model_configuration.md, "Datatypes").
DATA_TYPES: dict[int, str] = {
    onnx.TensorProto.STRING: "TYPE_STRING",
    onnx.TensorProto.INT64: "TYPE_INT64",
    onnx.TensorProto.INT32: "TYPE_INT32",
    onnx.TensorProto.UINT8: "TYPE_UINT8",
    onnx.TensorProto.FLOAT: "TYPE_FP32",
    onnx.TensorProto.FLOAT16: "TYPE_FP16",
    onnx.TensorProto.BOOL: "TYPE_BOOL",
}
HEADER = "# Written by `scoring convert`; change the converter's settings instead of this file.\n"


@dataclass(frozen=True)
class Tensor:
    """An input or output as Triton names it: `dims` leave the batch axis out, -1 is a dynamic axis."""

    name: str
    data_type: str
    dims: tuple[int, ...]


@dataclass(frozen=True)
class ModelConfig:
    """What a model's `config.pbtxt` says.

    `warmup_batches` are run before Triton reports the model ready, with empty texts or zeros. The queue has no policy:
    limits and deadlines are the gateway's (Triton's own slow down the dynamic batcher).
    """

    name: str
    inputs: Sequence[Tensor]
    outputs: Sequence[Tensor]
    max_batch_size: int = 64
    instances: int = 1
    threads: int = 1
    warmup_batches: Sequence[int] = field(default=(1, 64))

    def text(self) -> str:
        """The file's content."""
        return HEADER + str(text_format.MessageToString(self._proto()))

    def _proto(self) -> Any:
        proto = model_config_pb2.ModelConfig(name=self.name, backend="onnxruntime", max_batch_size=self.max_batch_size)
        proto.default_model_filename = "model.onnx"
        for tensors, target in ((self.inputs, proto.input), (self.outputs, proto.output)):
            for tensor in tensors:
                target.add(name=tensor.name, data_type=_triton_type(tensor), dims=tensor.dims)
        proto.instance_group.add(count=self.instances, kind=model_config_pb2.ModelInstanceGroup.KIND_CPU)
        proto.dynamic_batching.SetInParent()
        for parameter, value in (("intra_op_thread_count", self.threads), ("inter_op_thread_count", 1)):
            proto.parameters[parameter].string_value = str(value)
        for size in self.warmup_batches:
            warmup = proto.model_warmup.add(name=f"batch_{size}", batch_size=size)
            for tensor in self.inputs:
                entry = warmup.inputs[tensor.name]
                entry.data_type, entry.zero_data = _triton_type(tensor), True
                entry.dims.extend(tensor.dims)
        return proto


def _triton_type(tensor: Tensor) -> int:
    return int(model_config_pb2.DataType.Value(tensor.data_type))


def tensors_of(values: Sequence[onnx.ValueInfoProto]) -> list[Tensor]:
    """Describe a graph's inputs or outputs; raises PublishError for what Triton cannot batch."""
    return [_tensor(value) for value in values]


def _tensor(value: onnx.ValueInfoProto) -> Tensor:
    tensor_type = value.type.tensor_type
    if not value.type.HasField("tensor_type") or tensor_type.elem_type not in DATA_TYPES:
        raise PublishError(
            f"{value.name!r} of the ONNX graph is not a tensor of a type that Triton takes",
            hint=f"export it as one of {', '.join(sorted(DATA_TYPES.values()))}",
        )
    dims = [d.dim_value if d.HasField("dim_value") else -1 for d in tensor_type.shape.dim]
    if not dims or dims[0] != -1:
        raise PublishError(
            f"the first axis of {value.name!r} is {dims[0] if dims else 'missing'}, not dynamic: it cannot be batched",
            hint="export the model with a dynamic batch axis",
        )
    return Tensor(value.name, DATA_TYPES[tensor_type.elem_type], tuple(dims[1:]))


def check(text: str, model: onnx.ModelProto) -> None:
    """Raise PublishError unless a config's inputs and outputs are those of the ONNX graph, types and shapes alike."""
    proto = text_format.Parse(text, model_config_pb2.ModelConfig())
    for side, configured, offered in (
        ("input", proto.input, tensors_of(model.graph.input)),
        ("output", proto.output, tensors_of(model.graph.output)),
    ):
        stated = {
            Tensor(item.name, model_config_pb2.DataType.Name(item.data_type), tuple(item.dims)) for item in configured
        }
        if stated != set(offered):
            raise PublishError(
                f"{side}s of config.pbtxt {sorted(map(str, stated))} differ from the ONNX file's "
                f"{sorted(map(str, offered))}",
                hint="write the config again with `scoring convert`",
            )
