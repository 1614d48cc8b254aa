"""The only writer of `config.pbtxt`: through Triton's own protobuf, and only for what the ONNX file really offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import onnx
from google.protobuf import json_format, text_format
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
class Accelerator:
    """An execution provider of ONNX Runtime that the backend asks first; `gpu` says in which of its two lists."""

    name: str
    gpu: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)


def onnxruntime_threads(threads: int) -> dict[str, str]:
    """Parameters of the `onnxruntime` backend: threads of one instance (0: one for each core), one node at a time."""
    return {"intra_op_thread_count": str(threads), "inter_op_thread_count": "1"}


def openvino_threads(threads: int) -> dict[str, str]:
    """Parameters of the `openvino` backend: one stream on so many threads (0: one for each core).

    Requests arrive merged, and a batch is done soonest when all cores work on it. FP32 cannot be asked for: OpenVINO
    computes in bfloat16 where the processor has it.
    """
    number = {"INFERENCE_NUM_THREADS": str(threads)} if threads else {}
    return {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": "1", **number}


@dataclass(frozen=True)
class ModelConfig:
    """What a model's `config.pbtxt` says.

    `warmup_batches` are run before Triton reports the model ready, with empty texts or zeros. The queue has no policy:
    limits and deadlines are the gateway's (Triton's own slow down the dynamic batcher). With `max_batch_size` 0 Triton
    neither adds nor merges batches: the batch axis is then part of the dims, and warm-up inputs have whole shapes.
    With `queue_delay_us` requests wait so many microseconds for others while an instance is idle. `version` serves
    exactly that one, None the newest.
    """

    name: str
    inputs: Sequence[Tensor]
    outputs: Sequence[Tensor]
    comment: str = ""  # what the file is for, put on its second line
    backend: str = "onnxruntime"
    kind: str = "KIND_CPU"  # or KIND_GPU: one instance group on each GPU
    instances: int = 1
    max_batch_size: int = 64
    queue_delay_us: int = 0
    version: int | None = None
    parameters: Mapping[str, str] = field(default_factory=lambda: onnxruntime_threads(1))
    accelerators: Sequence[Accelerator] = ()
    label_file: str | None = None  # names of the outputs' elements, one a line; Triton looks in the model's folder
    warmup_batches: Sequence[int] = field(default=(1, 64))

    def text(self, header: str = HEADER) -> str:
        """The file's content; `header` is its first line."""
        comment = f"# {self.comment}\n" if self.comment else ""
        return header + comment + str(text_format.MessageToString(self._proto()))

    def json(self) -> str:
        """The config as Triton's model-control API takes it."""
        return str(json_format.MessageToJson(self._proto(), preserving_proto_field_name=True, indent=None))

    def _proto(self) -> Any:
        proto = model_config_pb2.ModelConfig(name=self.name, backend=self.backend, max_batch_size=self.max_batch_size)
        proto.default_model_filename = "model.onnx"
        for tensor in self.inputs:
            proto.input.add(name=tensor.name, data_type=_triton_type(tensor), dims=self._dims(tensor))
        for tensor in self.outputs:
            output = proto.output.add(name=tensor.name, data_type=_triton_type(tensor), dims=self._dims(tensor))
            output.label_filename = self.label_file or ""
        proto.instance_group.add(count=self.instances, kind=model_config_pb2.ModelInstanceGroup.Kind.Value(self.kind))
        if self.version is not None:
            proto.version_policy.specific.versions.append(self.version)
        if self.max_batch_size:
            proto.dynamic_batching.SetInParent()
            if self.queue_delay_us:
                proto.dynamic_batching.max_queue_delay_microseconds = self.queue_delay_us
        for parameter, value in self.parameters.items():
            proto.parameters[parameter].string_value = value
        self._add_accelerators(proto)
        for size in self.warmup_batches:
            self._add_warmup(proto, size)
        return proto

    def _dims(self, tensor: Tensor, batch: int = -1) -> tuple[int, ...]:
        return tensor.dims if self.max_batch_size else (batch, *tensor.dims)

    def _add_accelerators(self, proto: Any) -> None:
        for accelerator in self.accelerators:
            lists = proto.optimization.execution_accelerators
            target = lists.gpu_execution_accelerator if accelerator.gpu else lists.cpu_execution_accelerator
            target.add(name=accelerator.name, parameters=accelerator.parameters)

    def _add_warmup(self, proto: Any, size: int) -> None:
        # Of a model that does not batch, batch_size must be 1 (Triton, model_config.proto, ModelWarmup).
        warmup = proto.model_warmup.add(name=f"batch_{size}", batch_size=size if self.max_batch_size else 1)
        for tensor in self.inputs:
            entry = warmup.inputs[tensor.name]
            entry.data_type, entry.zero_data = _triton_type(tensor), True
            entry.dims.extend(self._dims(tensor, size))


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
        promised = {_full(item) if proto.max_batch_size else _stated(item) for item in configured}
        provided = {Tensor(tensor.name, tensor.data_type, (-1, *tensor.dims)) for tensor in offered}
        if promised != provided:
            raise PublishError(
                f"{side}s of config.pbtxt {sorted(map(str, promised))} differ from the ONNX file's "
                f"{sorted(map(str, provided))}",
                hint="write the config again with `scoring convert`",
            )


def _stated(item: Any) -> Tensor:
    return Tensor(item.name, model_config_pb2.DataType.Name(item.data_type), tuple(item.dims))


def _full(item: Any) -> Tensor:
    stated = _stated(item)
    return Tensor(stated.name, stated.data_type, (-1, *stated.dims))
