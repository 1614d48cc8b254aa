"""One real inference per model: the only sign of life of Triton that can be trusted.

/v2/health/ready stays 200 when the process that runs a model has died. The requests are KServe v2 protobufs, built
from the config that Triton itself reports.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Any

import grpc
from tritonclient.grpc import service_pb2, service_pb2_grpc

# A word that is already canonical text, so nothing has to be cleaned before the FAQ model gets it.
WORD = b"array"
# Bytes per element of the types of model_config.proto.
_SIZES = {
    **dict.fromkeys(["BOOL", "UINT8", "INT8"], 1),
    **dict.fromkeys(["UINT16", "INT16", "FP16", "BF16"], 2),
    **dict.fromkeys(["UINT32", "INT32", "FP32"], 4),
    **dict.fromkeys(["UINT64", "INT64", "FP64"], 8),
}
# A server that starts is asked many times a second; gRPC would wait a second after the first refusal.
_RECONNECT_AT_ONCE = [("grpc.initial_reconnect_backoff_ms", 20), ("grpc.max_reconnect_backoff_ms", 100)]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an inference failed; `late` when no answer came in time, which load can cause as well as death."""

    model: str
    reason: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """An inference under way."""

    model: str
    deadline: float
    reply: Any

    def done(self) -> bool:
        return bool(self.reply.done())

    def fault(self) -> Fault | None:
        """Wait for the end and return what went wrong, None for an answer."""
        error = self.reply.exception()
        if error is None:
            return None
        if self.reply.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
            return Fault(self.model, f"no answer within {self.deadline:g} s", late=True)
        return Fault(self.model, self.reply.details() or self.reply.code().name)


class Triton:
    """Sends one small request per model over one connection; times are in seconds."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.insecure_channel(address, options=_RECONNECT_AT_ONCE)
        self._stub = service_pb2_grpc.GRPCInferenceServiceStub(self._channel)
        self._requests: dict[str, Any] = {}

    def close(self) -> None:
        self._channel.close()

    def is_ready(self, models: Iterable[str], deadline: float) -> bool:
        """Tell whether the server listens and has loaded its models; their configs are read then."""
        try:
            if not self._stub.ServerReady(service_pb2.ServerReadyRequest(), timeout=deadline).ready:
                return False
            for model in models:
                reply = self._stub.ModelConfig(service_pb2.ModelConfigRequest(name=model), timeout=deadline)
                self._requests[model] = smallest_request(reply.config)
        except grpc.RpcError:
            return False
        return True

    def infer(self, model: str, deadline: float) -> Call:
        """Start an inference of one row of a model that was ready; does not wait for it."""
        return Call(model, deadline, self._stub.ModelInfer.future(self._requests[model], timeout=deadline))

    def executions(self, model: str, deadline: float) -> int | None:
        """Return how many batches a model has finished since it was loaded, None when there is no answer."""
        try:
            reply = self._stub.ModelStatistics(service_pb2.ModelStatisticsRequest(name=model), timeout=deadline)
        except grpc.RpcError:
            return None
        return sum(int(version.execution_count) for version in reply.model_stats)


def smallest_request(config: Any) -> Any:
    """Return a ModelInferRequest of one row that fits a model's config: a word for text, zeros for numbers."""
    request = service_pb2.ModelInferRequest(model_name=config.name)
    for tensor in config.input:
        # A dimension of any size is tried with 1, the batch axis too: max_batch_size 0 leaves it among the dims.
        shape = [max(size, 1) for size in tensor.dims]
        kind = _type_name(tensor)
        batch = [1] if config.max_batch_size > 0 else []
        request.inputs.add(name=tensor.name, datatype=_DATATYPES.get(kind, kind), shape=batch + shape)
        request.raw_input_contents.append(_content(kind, prod(shape)))
    return request


_DATATYPES = {"STRING": "BYTES"}  # the one type that config and protocol name differently


def _type_name(tensor: Any) -> str:
    types = tensor.DESCRIPTOR.fields_by_name["data_type"].enum_type
    name: str = types.values_by_number[tensor.data_type].name
    return name.removeprefix("TYPE_")


def _content(kind: str, elements: int) -> bytes:
    if kind == "STRING":
        return (struct.pack("<I", len(WORD)) + WORD) * elements
    return bytes(_SIZES[kind] * elements)
