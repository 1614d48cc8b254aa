"""What a status from Triton means."""

import grpc

from gateway.errors import DeadlineExceededError, ModelFaultError, ModelUnavailableError, ScoringError

# To our client. Whatever a restart or a reload can bring is "unavailable".
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

# Statuses that say: this replica cannot serve the model now; another one may. CANCELLED is Triton's doing here.
FAILURES = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.DATA_LOSS,
    grpc.StatusCode.CANCELLED,
}


def translated(status: grpc.StatusCode, model: str) -> ScoringError:
    """Return our error for a status. Triton's own words stay out: they may repeat what the user wrote."""
    kind, detail = ERRORS[status]
    return kind(detail.format(model=model))
