"""Errors as HTTP replies: problem documents (RFC 9457)."""

from math import ceil
from typing import NamedTuple

import msgspec

from gateway.errors import (
    STATUS,
    MethodNotAllowedError,
    ScoringError,
    SlowBodyError,
    UnauthenticatedError,
    UnavailableError,
)
from gateway.schema import Problem

Headers = list[tuple[bytes, bytes]]


class Reply(NamedTuple):
    """A complete HTTP reply."""

    status: int
    headers: Headers
    body: bytes


def problem(error: ScoringError) -> Reply:
    """Return the problem document for an error, with the headers that belong to its status."""
    status = STATUS[type(error)]
    document = Problem(
        type=f"/docs#{status.slug}",
        title=status.title,
        status=status.http,
        detail=error.detail,
        field=error.field,
        limit=error.limit,
        received=error.received,
    )
    headers: Headers = [(b"content-type", b"application/problem+json")]
    if isinstance(error, UnavailableError):
        headers.append((b"retry-after", b"%d" % max(1, ceil(error.retry_after))))  # whole seconds, RFC 9110
    if isinstance(error, UnauthenticatedError):
        headers.append((b"www-authenticate", b'Bearer realm="scoring"'))
    if isinstance(error, SlowBodyError):
        headers.append((b"connection", b"close"))  # RFC 9110: who sends too slowly is not waited for any longer
    if isinstance(error, MethodNotAllowedError):
        headers.append((b"allow", error.allow.encode()))
    return Reply(status.http, headers, msgspec.json.encode(document))
