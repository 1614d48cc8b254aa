"""Reads HTTP/1.1 requests from a connection's bytes, within limits that the parser itself does not know.

llhttp, the parser of Node.js behind httptools, refuses what smuggles requests: a Content-Length beside a
Transfer-Encoding, two Content-Lengths, folded headers, bare line feeds, blanks before a colon.
"""

from typing import NamedTuple, Protocol

import httptools

from gateway.errors import HeadTooLargeError, MalformedRequestError, ScoringError, UrlTooLongError

LONGEST_HEAD = 65_536  # bytes of first line and headers, or of trailers
LONGEST_URL = 8_192  # bytes
MOST_HEADERS = 100

# What a chunk may cost besides its bytes, so that chunks of a few bytes pass and chunks with long extensions add up:
# net/http of Go counts the same way (`excess` in net/http/internal/chunked.go).
_CHUNK_SPARE = 16

_Headers = list[tuple[bytes, bytes]]


class RequestHead(NamedTuple):
    """A request before its body."""

    method: str
    url: bytes
    version: str
    headers: _Headers
    expects_continue: bool
    keep_alive: bool


class Receiver(Protocol):
    """Who is told what was read, in the order in which it came."""

    def on_head(self, head: RequestHead) -> None:
        """A request has begun."""

    def on_body(self, body: bytes) -> None:
        """A piece of the newest request's body."""

    def on_end(self) -> None:
        """The newest request is complete."""


class RequestReader:
    """The parser of one connection. `in_head` and `in_body` tell where in a request the last byte stood."""

    def __init__(self, receiver: Receiver) -> None:
        self.in_head = False
        self.in_body = False
        self._receiver = receiver
        self._parser = httptools.HttpRequestParser(self)
        self._closed = False  # the last request has been read, or a faulty one
        self._idle = 0  # bytes that brought the request no further
        self._keep_alive = True
        self._url = b""
        self._headers: _Headers = []
        self._hosts = 0
        self._chunked = False
        self._expects = False

    def feed(self, data: bytes | memoryview) -> None:
        """Take in bytes; pieces of some kB, for limits are looked at between them. Raises ScoringError, once."""
        if self._closed:
            return
        self._idle += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:  # to WebSocket or HTTP/2: not spoken here, and so ignored
            self.feed(memoryview(data)[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            if not self._closed:  # what follows the last request is of no interest
                self._closed = True
                raise _fault(error) from None
        if self._idle > LONGEST_HEAD:
            self._closed = True
            raise _too_large("bytes", self._idle, LONGEST_HEAD)

    def close(self) -> None:
        """Take in no more."""
        self._closed = True

    def release(self) -> None:
        """Take in no more, and break the cycle of references: the connection has gone."""
        self._closed = True
        del self._parser, self._receiver

    # What the parser calls.

    def on_message_begin(self) -> None:
        self.in_head = True
        self._url = b""
        self._headers = []
        self._hosts = 0
        self._chunked = self._expects = False

    def on_url(self, url: bytes) -> None:
        self._url += url
        if len(self._url) > LONGEST_URL:
            raise UrlTooLongError(
                f"The URL must have at most {LONGEST_URL} bytes.",
                field="url",
                limit=LONGEST_URL,
                received=len(self._url),
            )

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.in_head:
            return  # a trailer: read, bounded and ignored, so that it never passes for a header
        name = name.lower()
        if name in _WATCHED:
            self._watch(name, value)
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        version = self._parser.get_http_version()
        method = self._parser.get_method().decode("ascii")
        self._check(method, version)
        self._idle = 0
        self._keep_alive = version != "1.0" and self._parser.should_keep_alive()
        expects = self._expects and version != "1.0"
        self._receiver.on_head(RequestHead(method, self._url, version, self._headers, expects, self._keep_alive))
        self.in_head, self.in_body = False, True

    def on_body(self, body: bytes) -> None:
        self._idle = max(0, self._idle - _CHUNK_SPARE - 2 * len(body))
        self._receiver.on_body(body)

    def on_message_complete(self) -> None:
        self.in_body = False
        self._idle = 0
        self._closed = not self._keep_alive
        self._receiver.on_end()

    def _watch(self, name: bytes, value: bytes) -> None:
        if name == b"host":
            self._hosts += 1
        elif name == b"expect":
            self._expects = value.lower() == b"100-continue"
        elif value.lower() == b"chunked" and not self._chunked:
            self._chunked = True
        else:
            raise MalformedRequestError(
                "A body may have one Transfer-Encoding.", field="transfer-encoding", limit="chunked"
            )

    def _check(self, method: str, version: str) -> None:
        if len(self._headers) > MOST_HEADERS:
            raise _too_large("headers", len(self._headers), MOST_HEADERS)
        if version not in {"1.0", "1.1"}:
            raise MalformedRequestError("The request must be HTTP/1.1.", field="version", limit="HTTP/1.1")
        if version == "1.0" and self._chunked:
            raise MalformedRequestError("HTTP/1.0 knows no Transfer-Encoding.", field="transfer-encoding")
        if self._hosts > 1 or (version == "1.1" and not self._hosts):  # RFC 9112, section 3.2
            raise MalformedRequestError(
                "The request must have one Host header.", field="host", limit=1, received=self._hosts
            )
        if method == "CONNECT":
            raise MalformedRequestError("This is no proxy: CONNECT leads nowhere.", field="method")


_WATCHED = {b"host", b"expect", b"transfer-encoding"}


def _fault(error: httptools.HttpParserError) -> ScoringError:
    if isinstance(error.__context__, ScoringError):
        return error.__context__
    if isinstance(error, httptools.HttpParserCallbackError):
        raise error  # a fault of ours
    return MalformedRequestError(f"The request is not valid HTTP/1.1: {error}.")  # the parser's own words


def _too_large(what: str, received: int, limit: int) -> HeadTooLargeError:
    return HeadTooLargeError(
        f"A request's head must have at most {limit} {what}.", field="headers", limit=limit, received=received
    )
