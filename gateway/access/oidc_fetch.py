"""Fetches a small JSON document over HTTP, within a time and a size, in a thread of its own."""

import asyncio
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from time import monotonic
from typing import Any, TypeVar

MOST_BYTES = 1 << 20
_CHUNK = 1 << 16

_Result = TypeVar("_Result")


class FetchError(Exception):
    """A document cannot be had; the message says why in words of ours."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: it could lead from https to http, or into the cluster."""

    def redirect_request(self, *_: Any) -> None:
        return None


def fetch(address: str, until: float) -> dict[str, Any]:
    """Return the JSON object at an address, waiting until that `monotonic` time at most. Raises FetchError."""
    try:
        with _opener(address).open(address, timeout=_left(until)) as reply:
            document = json.loads(_read(reply, until))
    except urllib.error.HTTPError as error:
        error.close()
        raise FetchError(f"HTTP {error.code}") from None
    except urllib.error.URLError as error:
        raise FetchError(type(error.reason).__name__) from None
    except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
        raise FetchError(type(error).__name__) from None
    if not isinstance(document, dict):
        raise FetchError("not a JSON object")
    return document


async def in_thread(function: Callable[[], _Result]) -> _Result:
    """Call a function in a new thread, which does not keep the process from ending: looking up a name may take long."""
    done: Future[_Result] = Future()

    def work() -> None:
        done.set_running_or_notify_cancel()  # from here on it takes its result, even if nobody wants it any more
        try:
            done.set_result(function())
        except BaseException as error:  # noqa: BLE001  whoever awaits it gets it
            done.set_exception(error)

    Thread(target=work, name="oidc", daemon=True).start()
    return await asyncio.wrap_future(done)


def _opener(address: str) -> urllib.request.OpenerDirector:
    # Proxies of the environment lead out; http is spoken with this machine alone.
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if address.startswith("http:"):
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)


def _read(reply: http.client.HTTPResponse, until: float) -> bytes:
    body = bytearray()
    while chunk := reply.read1(_CHUNK):
        body += chunk
        if len(body) > MOST_BYTES:
            raise FetchError(f"more than {MOST_BYTES} bytes")
        _left(until)
    return bytes(body)


def _left(until: float) -> float:
    left = until - monotonic()
    if left <= 0:
        raise FetchError("too slow")
    return left
