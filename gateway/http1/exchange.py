"""One request and its reply, between uvicorn's ASGI cycle and a connection."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from gateway.asgi import App, Scope, Send, send_reply
from gateway.errors import ScoringError, internal_fault
from gateway.problems import problem


class Exchange(RequestResponseCycle):
    """Uvicorn's, whose faults are answered and logged as the rest of the gateway does: without their text."""

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
            self.on_response = _nothing  # breaks the cycle of references through the connection

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
        if self.waiting_for_100_continue:
            self.keep_alive = False
        await super().send(message)


def refusal(error: ScoringError) -> App:
    """Return an application that answers with an error."""
    reply = problem(error)

    async def refuse(scope: Scope, receive: Any, send: Send) -> None:
        await send_reply(send, reply)

    return refuse


def _nothing() -> None:
    pass
