"""A config promises what the ONNX file offers, and Triton can batch it."""

from collections.abc import Iterator
from typing import Any

from converters.errors import PublishError
from converters.model_config import DATA_TYPES, check
from doctor.check import config_check
from doctor.finding import Fault, wrong
from doctor.patient import Patient
from doctor.repository.graph import Graph
from doctor.repository.model import Config
from doctor.wording import guess, listed

_EXPORT = "export the model with a dynamic first axis on all inputs and outputs"


def _graph(config: Config) -> Graph | None:
    version = config.model.newest
    return version.graph if version and config.file_name == version.onnx.name else None


def _fixed(value: Any) -> bool:
    dims = value.type.tensor_type.shape.dim
    return not dims or dims[0].HasField("dim_value")


@config_check("batch-axis", "The first axis of every input and output is dynamic.")
def batch_axis(config: Config, _: Patient) -> Iterator[Fault]:
    """Triton refuses a batching model otherwise; the gateway sends batches of all sizes in any case."""
    if (graph := _graph(config)) is None:
        return
    values = [*graph.interface.graph.input, *graph.interface.graph.output]
    for value in filter(_fixed, values):
        dims = value.type.tensor_type.shape.dim
        size = f"is always {dims[0].dim_value}" if dims else "is missing"
        most = config.proto.max_batch_size
        effect = f"max_batch_size is {most}: Triton refuses it" if most else "every request must have exactly that size"
        yield wrong(f"the first axis of the model's {value.name!r} {size}, and {effect}", _EXPORT, value.name)


@config_check("tensors", "Names, types and shapes of inputs and outputs are those of the ONNX file.")
def tensors(config: Config, _: Patient) -> Iterator[Fault]:
    """Triton checks the same when it loads a model."""
    graph = _graph(config)
    if graph is None or not (config.proto.input and config.proto.output):
        return  # other checks say so
    if any(map(_fixed, [*graph.interface.graph.input, *graph.interface.graph.output])):
        return
    try:
        check(config.text, graph.interface)
    except PublishError as error:
        faults = [*_differences(config, graph)]
        yield from faults or [wrong(str(error), error.hint)]


def _differences(config: Config, graph: Graph) -> Iterator[Fault]:
    for side, stated, provided in (
        ("input", config.proto.input, graph.interface.graph.input),
        ("output", config.proto.output, graph.interface.graph.output),
    ):
        offered = {value.name: value for value in provided}
        for tensor in stated:
            if tensor.name in offered:
                yield from _difference(config, tensor, offered[tensor.name])
            else:
                advice = guess(tensor.name, offered, f"the file's are {listed(sorted(offered))}")
                yield wrong(f"the model file has no {side} {tensor.name!r}", advice, tensor.name)
        for name in sorted(offered.keys() - {tensor.name for tensor in stated}):
            yield wrong(f"the model file's {side} {name!r} is missing from the config", f"add it to {side}", name)


def _difference(config: Config, tensor: Any, value: Any) -> Iterator[Fault]:
    of_file = DATA_TYPES.get(value.type.tensor_type.elem_type, "a type that Triton does not take")
    if (stated := _type_name(tensor)) != of_file:
        yield wrong(
            f"{tensor.name!r} is {of_file} in the model file, {stated} in the config", f"write {of_file}", tensor.name
        )
    shape = [dim.dim_value if dim.HasField("dim_value") else -1 for dim in value.type.tensor_type.shape.dim]
    dims = list(tensor.dims)
    full = [-1, *dims] if config.proto.max_batch_size else dims
    if full != shape:
        right = shape[1:] if config.proto.max_batch_size else shape
        yield wrong(
            f"{tensor.name!r} has the shape {shape} in the model file, {full} by the config",
            f"write dims: {right}",
            tensor.name,
        )


def _type_name(tensor: Any) -> str:
    kinds = type(tensor).DESCRIPTOR.fields_by_name["data_type"].enum_type.values_by_number
    return str(kinds[tensor.data_type].name) if tensor.data_type in kinds else str(tensor.data_type)


CHECKS = [batch_axis, tensors]
