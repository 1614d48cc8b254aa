"""What is asked for rarely: status, metrics and pages, through Starlette, let in and told of like everything else."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.asgi import Scope, Send, common_headers, send_reply
from gateway.bodies import Receive
from gateway.call import Call
from gateway.errors import MethodNotAllowedError, ScoringError, UnknownPathError, internal_fault
from gateway.front_door import FrontDoor, Method
from gateway.heads import read_head
from gateway.problems import problem

_UNKNOWN = Method("unknown", public=True)


class Others:
    """An ASGI application of routes, each with its method."""

    def __init__(self, routes: Sequence[tuple[Method, Route]], door: FrontDoor) -> None:
        self._door = door
        self._methods = {route.path: method for method, route in routes}
        handlers: Any = {HTTPException: _http_error, ScoringError: _scoring_error, Exception: _fault}
        self._app = Starlette(routes=[route for _, route in routes], exception_handlers=handlers)
        self._app.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = self._methods.get(scope["path"], _UNKNOWN)
        head = read_head(scope["headers"], scope["query_string"])
        call = self._door.opened("http", method, head.traceparent)
        noted = _noted(call, send)
        try:
            if scope["method"] != "OPTIONS":
                await self._door.identify(call, method, head)
            scope["scoring.call"] = call
            with suppress(Exception):  # _fault has answered and logged it; Starlette raises it once more
                await self._app(scope, receive, noted)
        except ScoringError as error:
            call.refused(error)
            reply = problem(error)
            await send_reply(noted, reply)
        finally:
            self._door.released(call)
            self._door.closed(call)


def _noted(call: Call, send: Send) -> Send:
    """Return a `send` that adds what every reply says, and notes what is sent."""

    async def noting(message: Any) -> None:
        if message["type"] == "http.response.start":
            call.status = message["status"]
            message["headers"] = [*message["headers"], *common_headers(call)]
        else:
            call.sent += len(message.get("body", b""))
        await send(message)

    return noting


async def _http_error(request: Request, error: Exception) -> Response:
    """Turn Starlette's own 404 and 405 into problem documents; OPTIONS tells what a path takes."""
    allow = (getattr(error, "headers", None) or {}).get("Allow")
    if allow is None:
        return _refused(request, UnknownPathError("Nothing lives at this path; /docs lists what there is."))
    methods = ", ".join(sorted({*allow.split(", "), "OPTIONS"}))
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={"allow": methods})
    return _refused(request, MethodNotAllowedError(f"This path takes {methods}.", allow=methods))


async def _scoring_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ScoringError)
    return _refused(request, error)


async def _fault(request: Request, error: Exception) -> Response:
    return _refused(request, internal_fault(error, "HTTP"))


def _refused(request: Request, error: ScoringError) -> Response:
    request.scope["scoring.call"].refused(error)
    status, headers, body = problem(error)
    return Response(body, status, {name.decode(): value.decode() for name, value in headers})
