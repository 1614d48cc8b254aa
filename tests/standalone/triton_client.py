"""KServe v2 over gRPC, as the gateway speaks it."""

import struct
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import grpc
import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc import service_pb2, service_pb2_grpc

Values = NDArray[Any] | list[bytes]
_DTYPES: dict[str, type[np.generic]] = {"FP32": np.float32, "INT64": np.int64, "UINT8": np.uint8}
_DATATYPES = {np.dtype(dtype): datatype for datatype, dtype in _DTYPES.items()}


class Client:
    """A connection to Triton."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.insecure_channel(address)
        self.stub = service_pb2_grpc.GRPCInferenceServiceStub(self._channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._channel.close()

    def infer(self, model: str, inputs: dict[str, Values], outputs: Sequence[str] = ()) -> dict[str, Any]:
        """Run one inference; inputs and outputs are arrays, or rows of bytes for texts."""
        return decode(self.stub.ModelInfer(request(model, inputs, outputs), timeout=20))

    def start(self, model: str, inputs: dict[str, Values]) -> Any:
        """Start an inference and return its future."""
        return self.stub.ModelInfer.future(request(model, inputs), timeout=20)

    def batch_sizes(self, model: str) -> set[int]:
        """Return the sizes of the batches that a model has run so far."""
        reply = self.stub.ModelStatistics(service_pb2.ModelStatisticsRequest(name=model), timeout=5)
        return {batch.batch_size for batch in reply.model_stats[0].batch_stats}

    def load_states(self) -> dict[str, tuple[str, str]]:
        """Return state and reason of every model in the repository; the state is empty before loading began."""
        reply = self.stub.RepositoryIndex(service_pb2.RepositoryIndexRequest(), timeout=5)
        return {model.name: (model.state, model.reason) for model in reply.models}


def request(model: str, inputs: dict[str, Values], outputs: Sequence[str] = ()) -> Any:
    """Return a ModelInferRequest with raw contents."""
    message = service_pb2.ModelInferRequest(model_name=model)
    for name, values in inputs.items():
        if isinstance(values, list):
            message.inputs.add(name=name, datatype="BYTES", shape=[len(values), 1])
            message.raw_input_contents.append(b"".join(struct.pack("<I", len(text)) + text for text in values))
        else:
            message.inputs.add(name=name, datatype=_DATATYPES[values.dtype], shape=values.shape)
            message.raw_input_contents.append(values.tobytes())
    for name in outputs:
        message.outputs.add(name=name)
    return message


def decode(reply: Any) -> dict[str, Any]:
    """Return the outputs of a reply by name."""
    contents = zip(reply.outputs, reply.raw_output_contents, strict=True)
    return {output.name: _values(output, content) for output, content in contents}


def _values(output: Any, content: bytes) -> Values:
    if output.datatype == "BYTES":
        return _texts(content)
    return np.frombuffer(content, _DTYPES[output.datatype]).reshape(output.shape)


def _texts(content: bytes) -> list[bytes]:
    texts = []
    while content:
        end = 4 + struct.unpack_from("<I", content)[0]
        texts.append(content[4:end])
        content = content[end:]
    return texts
