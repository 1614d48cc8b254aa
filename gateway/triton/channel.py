"""The connection to Triton, and its errors as ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from tritonclient.grpc import service_pb2, service_pb2_grpc

from gateway.errors import DeadlineExceededError, ModelFaultError, ModelUnavailableError, ScoringError
from gateway.triton.replica import ReplicaState

_OPTIONS = [
    # A Triton that restarts is found again within a second; gRPC's own default backs off to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1000),
    ("grpc.max_reconnect_backoff_ms", 800),
    ("grpc.enable_http_proxy", 0),  # a proxy from the environment is meant for the outside world
    ("grpc.use_local_subchannel_pool", 1),  # several gateways in one process (tests) keep their own connections
    # The batch size limits messages, both ways; gRPC's own 4 MiB would refuse a reply of a thousand classes each.
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
]

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


@contextmanager
def translated(model: str) -> Iterator[None]:
    """Turn gRPC errors into ours. Triton's own words stay out: they may repeat what the user wrote."""
    try:
        yield
    except grpc.RpcError as error:
        kind, detail = ERRORS[error.code()]
        raise kind(detail.format(model=model)) from None


class TritonChannel:
    """One connection to Triton, shared by all models.

    `infer_serialized` takes the bytes of a ModelInferRequest, for who can make them with fewer copies than protobuf.
    """

    def __init__(self, url: str) -> None:
        self._address = url
        self._channel = grpc.aio.insecure_channel(url, options=_OPTIONS)
        self.stub: Any = service_pb2_grpc.GRPCInferenceServiceStub(self._channel)
        self.infer_serialized: Any = self._channel.unary_unary(
            "/inference.GRPCInferenceService/ModelInfer",
            response_deserializer=service_pb2.ModelInferResponse.FromString,
        )

    def replicas(self) -> list[ReplicaState]:
        """Return what is known of each Triton."""
        return [ReplicaState(self._address, 0, 0, 0)]

    def outage(self, model: str) -> str | None:
        """Return why no Triton can be asked for a model now; None while there is one."""
        return None

    async def close(self) -> None:
        """Close the connection; calls in flight are cancelled."""
        await self._channel.close()
