"""What the gateway reads of a request's headers (HTTP) or metadata (gRPC); everything else is passed over."""

from collections.abc import Iterable

from gateway.call import Head


def read_head(headers: Iterable[tuple[bytes, bytes]], query: bytes) -> Head:
    """Return the head of an HTTP request, whose header names are in lower case. Of several alike, the last counts."""
    found = dict(headers)
    get = found.get
    length = get(b"content-length")
    return Head(
        get(b"content-type", b""),
        query,
        None if length is None else int(length),
        get(b"authorization", b""),
        get(b"x-api-key", b""),
        get(b"traceparent", b""),
        get(b"request-timeout", b""),
    )


def read_metadata(metadata: Iterable[tuple[str, str | bytes]]) -> Head:
    """Return the head of a gRPC call. Its deadline is the protocol's own; there is no Request-Timeout."""
    found = dict(metadata)
    return Head(
        authorization=_bytes(found.get("authorization", b"")),
        api_key=_bytes(found.get("x-api-key", b"")),
        traceparent=_bytes(found.get("traceparent", b"")),
    )


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
