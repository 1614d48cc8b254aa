"""Replies as a load generator reads them."""

import pytest

from loadtest.http_reply import FramingError, Reply, ReplyReader

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def test_reply_is_put_together_from_pieces() -> None:
    """However it is cut, it is complete with its last byte, and the next one begins anew."""
    for cut in range(1, len(OK)):
        reader = ReplyReader()
        assert reader.feed(OK[:cut]) is None
        assert reader.feed(OK[cut:]) == Reply(200, last=False)
        assert reader.feed(OK) == Reply(200, last=False)


def test_last_reply_says_so() -> None:
    """A server that closes the connection announces it."""
    reply = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nConnection: close\r\n\r\n"
    assert ReplyReader().feed(reply) == Reply(503, last=True)


def test_stage_times_are_kept_as_they_came() -> None:
    """Whatever the case of the header's name; the value's own case counts."""
    reply = b"HTTP/1.1 200 OK\r\nSERVER-Timing: queueTime;dur=1.5\r\ncontent-length: 0\r\n\r\n"
    assert ReplyReader().feed(reply) == Reply(200, last=False, timing=b"queueTime;dur=1.5")


@pytest.mark.parametrize("reply", [b"HTTP/1.1 200 OK\r\n\r\n", OK + b"!", b"SSH-2.0\r\ncontent-length: 0\r\n\r\n"])
def test_reply_whose_end_is_unknown_is_an_error(reply: bytes) -> None:
    """No length, more than was announced, or no HTTP at all."""
    with pytest.raises(FramingError):
        ReplyReader().feed(reply)
