"""One request and its reply, between uvicorn's ASGI cycle and a connection.

Besides ASGI's messages there is a short way, for requests whose body is there at once and replies that are complete:
uvicorn's takes a dictionary for each, and looks at every header twice with a regular expression.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from gateway.asgi import App, Scope, Send, send_reply
from gateway.errors import ScoringError, internal_fault
from gateway.problems import Reply, problem


class Exchange(RequestResponseCycle):
    """Uvicorn's, whose faults are answered and logged as the rest of the gateway does: without their text."""

    task: "asyncio.Task[None] | None" = None  # that answers it; cancelled should the client hang up

    def whole_body(self) -> bytes | None:
        """Return the body if all of it has arrived, None if some is to come."""
        if self.more_body or self.disconnected:
            return None
        body = bytes(self.body)
        self.body = bytearray()
        return body

    async def reply(self, reply: Reply) -> None:
        """Send a complete reply, whose headers are the gateway's own."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        self.response_started = self.response_complete = True
        body = b"" if self.scope["method"] == "HEAD" else reply.body
        self.transport.write(b"".join([*self._head(reply), body]))
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()

    def _head(self, reply: Reply) -> list[bytes]:
        lines = [STATUS_LINE[reply.status]]
        lines += [b"%b: %b\r\n" % header for header in self.default_headers]
        lines += [b"%b: %b\r\n" % header for header in reply.headers]
        if (b"connection", b"close") in reply.headers:
            self.keep_alive = False
        elif not self.keep_alive:
            lines.append(b"connection: close\r\n")
        # RFC 9110: a reply without content announces no length
        lines.append(b"\r\n" if reply.status == 204 else b"content-length: %d\r\n\r\n" % len(reply.body))
        return lines

    async def run_asgi(self, app: Any) -> None:
        try:
            await app(self.scope, self.receive, self.send)
            if not self.response_complete and not self.disconnected:
                raise RuntimeError("the application gave no reply")
        except asyncio.CancelledError:
            if not self.disconnected:
                self.transport.close()
        except Exception as error:  # noqa: BLE001 - a fault of ours must not show its text to anyone
            await self._fail(error)
        finally:
            self.task = None
            self.on_response = _nothing  # breaks the cycles of references through the connection and the scope
            self.scope.pop("scoring.exchange", None)  # type: ignore[typeddict-item]  # ours, beside ASGI's

    async def _fail(self, error: Exception) -> None:
        fault = internal_fault(error, "HTTP")
        if self.disconnected:
            return
        if self.response_started:
            self.transport.close()
        else:
            await refusal(fault)({}, self.receive, self.send)  # type: ignore[arg-type]  # uvicorn's messages are typed


class ExpectingExchange(Exchange):
    """One whose client sends its body after a 100 (Continue).

    When it is refused without one, nobody knows whether the client sends its body all the same, and so where its next
    request begins: the connection ends with the reply (RFC 9110, section 10.1.1).
    """

    async def send(self, message: Any) -> None:
        self._end_unless_continued()
        await super().send(message)

    async def reply(self, reply: Reply) -> None:
        """Send a complete reply."""
        self._end_unless_continued()
        await super().reply(reply)

    def _end_unless_continued(self) -> None:
        if self.waiting_for_100_continue and self.more_body:
            self.keep_alive = False


def refusal(error: ScoringError) -> App:
    """Return an application that answers with an error."""
    reply = problem(error)

    async def refuse(scope: Scope, receive: Any, send: Send) -> None:
        await send_reply(send, reply)

    return refuse


def _nothing() -> None:
    pass
