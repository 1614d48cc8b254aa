"""What the gateway reads of a request's headers (HTTP) or metadata (gRPC); everything else is passed over."""

from collections.abc import Iterable, Sequence

from gateway.call import Head


def read_head(headers: Sequence[tuple[bytes, bytes]], query: bytes) -> Head:
    """Return the head of an HTTP request, whose header names are in lower case. Of several alike, the last counts.

    But for credentials: of two, who knows which one a proxy went by? Joined, they are none that is valid.
    """
    found = dict(headers)
    if len(found) != len(headers):
        _join_credentials(found, headers)
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
    sent = [(name.encode(), value.encode() if isinstance(value, str) else value) for name, value in metadata]
    found = dict(sent)
    _join_credentials(found, sent)
    return Head(
        authorization=found.get(b"authorization", b""),
        api_key=found.get(b"x-api-key", b""),
        traceparent=found.get(b"traceparent", b""),
    )


def _join_credentials(found: dict[bytes, bytes], sent: Iterable[tuple[bytes, bytes]]) -> None:
    for credential in (b"authorization", b"x-api-key"):
        values = [value for name, value in sent if name == credential]
        if len(values) > 1:
            found[credential] = b", ".join(values)
