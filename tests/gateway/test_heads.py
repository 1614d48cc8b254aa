"""What is read of headers and metadata."""

import pytest

from gateway.heads import read_head, read_metadata


def test_a_head() -> None:
    """What is wanted is found under its name, whatever stands around it; what is absent is empty."""
    head = read_head(
        [(b"host", b"h"), (b"content-length", b"12"), (b"x-api-key", b"k"), (b"request-timeout", b"2")], b"q"
    )
    assert (head.length, head.api_key, head.request_timeout, head.query) == (12, b"k", b"2", b"q")
    assert (head.authorization, head.traceparent, head.content_type) == (b"", b"", b"")


def test_a_body_of_unknown_length() -> None:
    """Without a Content-Length, the length is not known, which is another thing than 0."""
    assert read_head([], b"").length is None
    assert read_head([(b"content-length", b"0")], b"").length == 0


def test_metadata() -> None:
    """Metadata may be text or bytes."""
    head = read_metadata([("authorization", "Bearer k"), ("x-api-key", b"k"), ("traceparent", "t")])
    assert (head.authorization, head.api_key, head.traceparent) == (b"Bearer k", b"k", b"t")


@pytest.mark.parametrize("name", ["authorization", "x-api-key"])
def test_two_credentials_are_none(name: str) -> None:
    """A request that shows two keys under one name shows neither: a proxy may have gone by the other one."""
    shown = [(name, "Bearer a"), (name, "Bearer b")]
    for head in (read_head([(key.encode(), value.encode()) for key, value in shown], b""), read_metadata(shown)):
        assert b"Bearer a, Bearer b" in (head.authorization, head.api_key)
