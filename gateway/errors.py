"""What can go wrong, and what each protocol says about it.

ScoringError
├── RequestError                 the client must change the request
│   ├── MalformedRequestError        bytes that are no HTTP request
│   ├── SlowHeadError                the request's head did not arrive in time
│   ├── UrlTooLongError              a URL of more bytes than the limit
│   ├── HeadTooLargeError            a head of more bytes or headers than the limit
│   ├── MalformedBodyError           not JSON, not UTF-8, not a protobuf message
│   ├── InvalidFieldError            well-formed, but a field breaks a rule
│   ├── BodyTooLargeError            a body, or an image in it, of more bytes than the limit
│   ├── SlowBodyError                the body did not arrive in time
│   ├── UnsupportedMediaTypeError    a body of another media type than the path takes
│   ├── UnauthenticatedError         no key or token, or one that is not valid
│   ├── ForbiddenError               a client that may do other things, not this one
│   ├── UnknownPathError             nothing lives at this address
│   └── MethodNotAllowedError        the address exists, the method does not
├── UnavailableError             the client may try again later
│   ├── TooManyConnectionsError      the process keeps as many connections as it may
│   ├── QuotaExceededError           the client asks more often than it may
│   ├── OverloadedError              too many questions or images are waiting
│   ├── ModelUnavailableError        Triton cannot be reached or does not serve the model
│   ├── CatalogUnavailableError      the answering version has no readable catalog
│   ├── IssuerUnavailableError       the issuer of tokens cannot be reached
│   ├── NotReadyError                no golden request got its known answer
│   └── DeadlineExceededError        no answer in time
└── FaultError                   the service must be repaired
    ├── ModelFaultError              Triton's reply breaks the contract, or it refused a valid request
    └── InternalFaultError           a fault of the gateway itself

No error carries what a user wrote: a bad string is described by its length or its type.
"""

import logging
import traceback
from typing import NamedTuple

_log = logging.getLogger(__name__)


class ScoringError(Exception):
    """Base of all errors that a client gets to see."""

    def __init__(
        self,
        detail: str,
        *,
        field: str | None = None,
        limit: int | str | None = None,
        received: int | str | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.limit = limit
        self.received = received


class RequestError(ScoringError):
    """The client must change the request."""


class MalformedRequestError(RequestError):
    """The bytes are no HTTP/1.1 request, or leave open where it ends."""


class SlowHeadError(RequestError):
    """The request's first line and headers did not arrive in time."""


class UrlTooLongError(RequestError):
    """The URL has more bytes than the limit."""


class HeadTooLargeError(RequestError):
    """The request has more headers, or headers of more bytes, than the limit."""


class MalformedBodyError(RequestError):
    """The body cannot be read: not JSON, not UTF-8, not a protobuf message."""


class InvalidFieldError(RequestError):
    """The request is well-formed, but a field is missing, unknown, of the wrong type or out of range."""


class BodyTooLargeError(RequestError):
    """The body, or an image in it, has more bytes than the limit."""


class SlowBodyError(RequestError):
    """The body did not arrive in time."""


class UnsupportedMediaTypeError(RequestError):
    """The body, or an image in it, is of another media type than the path takes, or than it is declared as."""


class UnauthenticatedError(RequestError):
    """The request carries no API key or token, or one that is not valid (any more)."""


class ForbiddenError(RequestError):
    """The client is known, and may not do this."""


class UnknownPathError(RequestError):
    """Nothing lives at this address."""


class MethodNotAllowedError(RequestError):
    """The address does not answer to this method."""

    def __init__(self, detail: str, *, allow: str) -> None:
        super().__init__(detail, field="method", limit=allow)
        self.allow = allow


class UnavailableError(ScoringError):
    """The service cannot answer now; the same request may succeed after `retry_after` seconds."""

    def __init__(
        self,
        detail: str,
        *,
        field: str | None = None,
        limit: int | str | None = None,
        received: int | str | None = None,
        retry_after: float = 1.0,
    ) -> None:
        super().__init__(detail, field=field, limit=limit, received=received)
        self.retry_after = retry_after


class TooManyConnectionsError(UnavailableError):
    """The process keeps as many HTTP connections open as it may."""


class QuotaExceededError(UnavailableError):
    """The client asks more often, or more at a time, than its quota allows."""


class OverloadedError(UnavailableError):
    """Too many questions or images are waiting already."""


class ModelUnavailableError(UnavailableError):
    """Triton cannot be reached, is starting, or does not serve the model."""


class CatalogUnavailableError(UnavailableError):
    """The model version that answers has no readable catalog."""


class IssuerUnavailableError(UnavailableError):
    """The issuer of tokens cannot be reached, and no known key of it has signed this token."""


class NotReadyError(UnavailableError):
    """A model's golden request (a question, an image) did not get its known answer."""


class DeadlineExceededError(UnavailableError):
    """No answer came within the deadline."""


class FaultError(ScoringError):
    """Something is broken that a repeated request does not repair."""


class ModelFaultError(FaultError):
    """Triton's reply breaks the contract, or Triton refused a request that the gateway holds to be valid."""


class InternalFaultError(FaultError):
    """A fault of the gateway itself."""


class Status(NamedTuple):
    """How both protocols report an error, and what it is called."""

    http: int
    grpc: str
    title: str
    slug: str  # anchor of its description on the documentation page


STATUS: dict[type[ScoringError], Status] = {
    MalformedRequestError: Status(400, "INVALID_ARGUMENT", "Malformed request", "malformed-request"),
    SlowHeadError: Status(408, "DEADLINE_EXCEEDED", "Slow head", "slow-head"),
    UrlTooLongError: Status(414, "INVALID_ARGUMENT", "URL too long", "url-too-long"),
    HeadTooLargeError: Status(431, "RESOURCE_EXHAUSTED", "Head too large", "head-too-large"),
    MalformedBodyError: Status(400, "INVALID_ARGUMENT", "Malformed body", "malformed-body"),
    InvalidFieldError: Status(422, "INVALID_ARGUMENT", "Invalid field", "invalid-field"),
    BodyTooLargeError: Status(413, "RESOURCE_EXHAUSTED", "Body too large", "body-too-large"),
    SlowBodyError: Status(408, "DEADLINE_EXCEEDED", "Slow body", "slow-body"),
    UnsupportedMediaTypeError: Status(415, "INVALID_ARGUMENT", "Unsupported media type", "unsupported-media-type"),
    UnauthenticatedError: Status(401, "UNAUTHENTICATED", "Unauthenticated", "unauthenticated"),
    ForbiddenError: Status(403, "PERMISSION_DENIED", "Forbidden", "forbidden"),
    UnknownPathError: Status(404, "UNIMPLEMENTED", "Unknown path", "unknown-path"),
    MethodNotAllowedError: Status(405, "UNIMPLEMENTED", "Method not allowed", "method-not-allowed"),
    TooManyConnectionsError: Status(503, "UNAVAILABLE", "Too many connections", "too-many-connections"),
    QuotaExceededError: Status(429, "RESOURCE_EXHAUSTED", "Quota exceeded", "quota-exceeded"),
    OverloadedError: Status(503, "UNAVAILABLE", "Overloaded", "overloaded"),
    ModelUnavailableError: Status(503, "UNAVAILABLE", "Model unavailable", "model-unavailable"),
    CatalogUnavailableError: Status(503, "UNAVAILABLE", "Catalog unavailable", "catalog-unavailable"),
    IssuerUnavailableError: Status(503, "UNAVAILABLE", "Issuer unavailable", "issuer-unavailable"),
    NotReadyError: Status(503, "UNAVAILABLE", "Not ready", "not-ready"),
    DeadlineExceededError: Status(504, "DEADLINE_EXCEEDED", "Deadline exceeded", "deadline-exceeded"),
    ModelFaultError: Status(502, "INTERNAL", "Model fault", "model-fault"),
    InternalFaultError: Status(500, "INTERNAL", "Internal fault", "internal-fault"),
}


def describe(error: ScoringError) -> str:
    """Return one line for protocols that have no structured errors: the detail, the limit and what was received."""
    parts = {"field": error.field, "limit": error.limit, "received": error.received}
    extra = ", ".join(f"{name}: {value}" for name, value in parts.items() if value is not None)
    return f"{error.detail} ({extra})" if extra else error.detail


def internal_fault(error: Exception, where: str) -> InternalFaultError:
    """Log an unforeseen exception by type and place, without its message: it may repeat what a user wrote."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("%s: %s at %s:%s", where, type(error).__name__, last.filename, last.lineno)
    return InternalFaultError("The gateway failed to answer; the fault is logged.")
