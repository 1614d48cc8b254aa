"""The only module that knows Triton: raw KServe v2 messages over gRPC, and what its errors mean.

Protocol: https://github.com/kserve/open-inference-protocol (gRPC), with tensors in `raw_input_contents` and
`raw_output_contents`; a STRING tensor is, for each element, a little-endian 4-byte length and the bytes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from struct import Struct
from time import monotonic
from typing import Any, NamedTuple, Protocol

import grpc
import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc import service_pb2, service_pb2_grpc

from gateway.errors import DeadlineExceededError, ModelFaultError, ModelUnavailableError, ScoringError

_CHANNEL_OPTIONS = [
    # A Triton that restarts is found again within a second; gRPC's own default backs off to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1000),
    ("grpc.max_reconnect_backoff_ms", 800),
    ("grpc.enable_http_proxy", 0),  # a proxy from the environment is meant for the outside world
    ("grpc.use_local_subchannel_pool", 1),  # several gateways in one process (tests) keep their own connections
]
_LENGTH = Struct("<I")

# What a status from Triton means to our client. Whatever a restart or a reload can bring is "unavailable".
_UNAVAILABLE = (ModelUnavailableError, "{model}: Triton cannot be reached or is not ready.")
_FAILED = (ModelUnavailableError, "{model}: Triton failed to answer.")
_REFUSED = (ModelFaultError, "{model}: Triton refused a request that the gateway holds to be valid.")
ERRORS: dict[grpc.StatusCode, tuple[type[ScoringError], str]] = {
    grpc.StatusCode.UNAVAILABLE: _UNAVAILABLE,
    grpc.StatusCode.NOT_FOUND: (ModelUnavailableError, "{model}: Triton does not serve this model."),
    grpc.StatusCode.DEADLINE_EXCEEDED: (DeadlineExceededError, "{model}: Triton did not answer in time."),
    grpc.StatusCode.INTERNAL: _FAILED,
    grpc.StatusCode.UNKNOWN: _FAILED,
    grpc.StatusCode.ABORTED: _FAILED,
    grpc.StatusCode.CANCELLED: _FAILED,
    grpc.StatusCode.DATA_LOSS: _FAILED,
    grpc.StatusCode.RESOURCE_EXHAUSTED: _FAILED,
    grpc.StatusCode.INVALID_ARGUMENT: _REFUSED,
    grpc.StatusCode.OUT_OF_RANGE: _REFUSED,
    grpc.StatusCode.FAILED_PRECONDITION: _REFUSED,
    grpc.StatusCode.ALREADY_EXISTS: _REFUSED,
    grpc.StatusCode.UNIMPLEMENTED: _REFUSED,
    grpc.StatusCode.PERMISSION_DENIED: _REFUSED,
    grpc.StatusCode.UNAUTHENTICATED: _REFUSED,
}


class Ranking(NamedTuple):
    """What the model says of N questions: for each, ids and probabilities of the k best entries, best first."""

    version: str
    ids: list[list[int]]
    probabilities: list[list[float]]


class Ranker(Protocol):
    """Ranks the FAQ's entries for canonical questions; raises ScoringError."""

    async def rank(self, texts: Sequence[bytes], until: float) -> Ranking:
        """Return one row for each text before the time `until` (of `time.monotonic`)."""
        ...


@contextmanager
def translated(model: str) -> Iterator[None]:
    """Turn gRPC errors into ours. Triton's own words stay out: they may repeat what the user wrote."""
    try:
        yield
    except grpc.RpcError as error:
        kind, detail = ERRORS[error.code()]
        raise kind(detail.format(model=model)) from None


class TritonChannel:
    """One connection to Triton, shared by all models."""

    def __init__(self, url: str) -> None:
        self._channel = grpc.aio.insecure_channel(url, options=_CHANNEL_OPTIONS)
        self.stub: Any = service_pb2_grpc.GRPCInferenceServiceStub(self._channel)

    async def close(self) -> None:
        """Close the connection; calls in flight are cancelled."""
        await self._channel.close()


class FaqRanker:
    """The FAQ model behind Triton: `question` STRING [N,1] to `ids` INT64 [N,k] and `probabilities` FP32 [N,k]."""

    def __init__(self, channel: TritonChannel, model: str) -> None:
        self._stub = channel.stub
        self._model = model

    async def rank(self, texts: Sequence[bytes], until: float) -> Ranking:
        request = _request(self._model, texts)
        with translated(self._model):
            reply = await self._stub.ModelInfer(request, timeout=until - monotonic())
        try:
            return _ranking(reply, len(texts))
        except (KeyError, ValueError, IndexError) as error:
            raise ModelFaultError(f"{self._model}: Triton's reply breaks the contract ({error}).") from None


def _request(model: str, texts: Sequence[bytes]) -> Any:
    request = service_pb2.ModelInferRequest(model_name=model)
    request.inputs.add(name="question", datatype="BYTES", shape=(len(texts), 1))
    request.outputs.add(name="ids")
    request.outputs.add(name="probabilities")
    request.raw_input_contents.append(b"".join([_LENGTH.pack(len(text)) + text for text in texts]))
    return request


def _ranking(reply: Any, rows: int) -> Ranking:
    outputs = {output.name: (output, raw) for output, raw in zip(reply.outputs, reply.raw_output_contents, strict=True)}
    ids = _matrix(outputs, "ids", "INT64", "<i8", rows)
    probabilities = _matrix(outputs, "probabilities", "FP32", "<f4", rows)
    if ids.shape != probabilities.shape:
        raise ValueError("ids and probabilities differ in shape")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ValueError("a probability is not between 0 and 1")
    return Ranking(reply.model_version, ids.tolist(), probabilities.tolist())


def _matrix(outputs: dict[str, Any], name: str, datatype: str, dtype: str, rows: int) -> NDArray[Any]:
    output, raw = outputs[name]
    shape = tuple(output.shape)
    if output.datatype != datatype or len(shape) != 2 or shape[0] != rows or shape[1] < 1:
        raise ValueError(f"{name} is {output.datatype} {list(shape)}, not {datatype} [{rows},k]")
    return np.frombuffer(raw, dtype).reshape(shape)
