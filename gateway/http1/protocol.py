"""One HTTP/1.1 connection: its requests in order, and an end to whoever takes too long or too much."""

import asyncio
import logging
from typing import Any

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl
from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl

from gateway.errors import ScoringError, SlowHeadError
from gateway.http1.exchange import Exchange, ExpectingExchange, refusal
from gateway.http1.patience import Patience
from gateway.http1.pipeline import Pipeline
from gateway.http1.reader import RequestHead, RequestReader
from gateway.http1.shared import Shared
from gateway.http1.slow_reader import SlowReaderWatch
from gateway.http1.target import read_target
from gateway.http1.transport import GatheringTransport
from gateway.http1.turned_away import TurnedAway

_PIECE = 8192  # bytes that are parsed at a time: little more is taken apart of what stands behind a waiting request
_DROPPED_AT_MOST = 64 * 1024 * 1024  # bytes of a body after its reply, read so that the connection can go on
_DROPPED_WITHIN = 30.0  # seconds in which they must arrive
_FAREWELL = 0.5  # seconds

_log = logging.getLogger("uvicorn.error")  # where uvicorn's cycle expects to write


class HttpProtocol(asyncio.Protocol):
    """One connection. A request and its reply are an exchange; where one has to wait, its bytes are held back."""

    _transport: GatheringTransport
    _flow: FlowControl
    _watch: SlowReaderWatch
    _base: dict[str, Any]  # what all scopes of the connection have in common

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._reader = RequestReader(self)
        self._pipeline = Pipeline(shared)
        self._patience = Patience(shared.loop)
        self._held: list[bytes] = []
        self._greeted = False  # the client has sent something
        self._refused = False
        self._dropped = 0  # bytes of the newest request's body that came after its reply

    # What the transport calls.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # TCP's is no less
        shared = self._shared
        if len(shared.connections) >= shared.limits.max_connections:
            TurnedAway(shared, transport)
            return
        shared.connections.add(self)
        self._transport = GatheringTransport(transport, shared.loop, self._is_being_sent)
        self._flow = FlowControl(self._transport)
        self._watch = SlowReaderWatch(self._transport, shared.loop)
        self._base = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "server": get_local_addr(transport),
            "client": get_remote_addr(transport),
            "scheme": "https" if is_ssl(transport) else "http",
            "root_path": "",
        }
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        self._greeted = True
        if self._transport.is_closing():
            self._transport.drop(len(data))
        elif self._pipeline.waiting or self._held:
            self._hold(data)
        else:
            self._take(data)

    def pause_writing(self) -> None:
        self._flow.pause_writing()
        self._watch.start()

    def resume_writing(self) -> None:
        self._flow.resume_writing()
        self._watch.stop()

    def connection_lost(self, exc: Exception | None) -> None:
        self._shared.connections.discard(self)
        self._patience.end()
        self._watch.stop()
        self._flow.resume_writing()
        self._pipeline.waiting.clear()
        self._held.clear()
        self._reader.release()
        self._pipeline.give_up()

    # What the server calls.

    def retire(self) -> None:
        """Close once idle: now, or with the last reply under way."""
        self._pipeline.retire()
        if self._transport.is_closing():
            self._shared.loop.call_later(_FAREWELL, self._transport.abort)  # it lingers; the server does not wait long
        elif self._pipeline.running is None and not self._reader.in_head:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    # What the reader calls.

    def on_head(self, head: RequestHead) -> None:
        target = read_target(head.url, head.method)
        self._patience.end()
        self._dropped = 0
        scope = self._base | {
            "method": head.method,
            "http_version": head.version,
            "path": target.path,
            "raw_path": target.raw_path,
            "query_string": target.query,
            "headers": head.headers,
        }
        keep_alive = head.keep_alive and not self._shared.retiring
        exchange = self._exchange(scope, keep_alive=keep_alive, expects_continue=head.expects_continue)
        scope["scoring.exchange"] = exchange
        self._pipeline.add(exchange, self._shared.app)

    def on_body(self, body: bytes) -> None:
        exchange = self._pipeline.newest
        assert exchange is not None
        if exchange.response_complete:
            self._drop(len(body))
            return
        exchange.body += body
        if len(exchange.body) > HIGH_WATER_LIMIT:
            self._flow.pause_reading()
        exchange.message_event.set()

    def on_end(self) -> None:
        exchange = self._pipeline.newest
        assert exchange is not None
        exchange.more_body = False
        exchange.message_event.set()
        if self._pipeline.running is None:
            self._rest()  # the reply was there before the end of the body

    def _take(self, data: bytes) -> None:
        try:
            if len(data) <= _PIECE:
                self._reader.feed(data)
            else:
                self._take_in_pieces(memoryview(data))
        except ScoringError as error:
            self._refuse(error)
        if self._pipeline.running is None and self._reader.in_head and not self._patience.for_head:
            self._wait_for_head()

    def _take_in_pieces(self, data: memoryview) -> None:
        for start in range(0, len(data), _PIECE):
            if self._pipeline.waiting:
                self._hold(bytes(data[start:]))
                return
            self._reader.feed(data[start : start + _PIECE])

    def _hold(self, data: bytes) -> None:
        self._held.append(data)
        self._flow.pause_reading()

    def _take_held(self) -> None:
        data = b"".join(self._held)
        self._held.clear()
        if not self._transport.is_closing():
            self._take(data)
            if not self._held:
                self._flow.resume_reading()

    def _drop(self, size: int) -> None:
        self._dropped += size
        if self._dropped > _DROPPED_AT_MOST:
            self._transport.abort()

    def _exchange(self, scope: dict[str, Any], *, keep_alive: bool, expects_continue: bool = False) -> Exchange:
        kind = ExpectingExchange if expects_continue else Exchange
        return kind(
            scope=scope,  # type: ignore[arg-type]  # uvicorn's is a TypedDict
            transport=self._transport,
            flow=self._flow,
            logger=_log,
            access_logger=_log,
            access_log=False,
            default_headers=self._shared.headers,
            message_event=asyncio.Event(),
            expect_100_continue=expects_continue,
            keep_alive=keep_alive,
            on_response=self._on_replied,
        )

    def _on_replied(self) -> None:
        if self._transport.is_closing():
            self._pipeline.running = None
            return
        self._pipeline.replied()
        if self._pipeline.waiting:
            return
        if self._held:
            self._shared.loop.call_soon(self._take_held)
        else:
            self._flow.resume_reading()
        if self._pipeline.running is None:
            self._rest()

    def _refuse(self, error: ScoringError) -> None:
        """Answer, in its turn, a request that cannot be read; it is the last."""
        self._refused = True
        self._reader.close()
        if self._reader.in_body and not self._pipeline.withdraw():
            self._transport.close()
        else:
            exchange = self._exchange({**self._base, "method": "GET"}, keep_alive=False)
            self._pipeline.add(exchange, refusal(error))

    def _rest(self) -> None:
        """Nothing runs: wait for what comes next, not for ever."""
        if self._reader.in_head:
            self._wait_for_head()
        elif self._reader.in_body:
            self._patience.wait(_DROPPED_WITHIN, self._transport.close)
        else:
            self._patience.wait(self._shared.limits.keep_alive, self._transport.close)

    def _wait_for_head(self) -> None:
        self._patience.wait(self._shared.limits.header_timeout, self._on_late_head, for_head=True)

    def _on_late_head(self) -> None:
        if self._greeted:
            limit = self._shared.limits.header_timeout
            detail = f"The request's head did not arrive within {limit:g} s."
            self._refuse(SlowHeadError(detail, field="headers", limit=f"{limit:g} s"))
        else:
            self._transport.close()

    def _is_being_sent(self) -> bool:
        """Tell whether the client may be in the middle of a request that is not read any more."""
        return self._refused or self._reader.in_body or bool(self._held)
