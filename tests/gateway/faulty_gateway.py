"""A gateway with faults: `python -m tests.gateway.faulty_gateway` crashes, or leaks, where a request tells it to.

Words in the request choose the fault; what is raised or leaked is what the user sent.
"""

import asyncio
import logging
import threading
from typing import Any

from gateway import service
from gateway.commands import app
from gateway.errors import InvalidFieldError
from gateway.front_door import FrontDoor
from gateway.image_decoder import ImageDecoder
from gateway.questions import canonical_texts
from gateway.status_api import StatusApi
from gateway.triton.faq import FaqRanker
from preprocessing.image import to_tensor


class OddError(Exception):
    """Some library's error, with what it choked on in its text."""


def _crash(text: object) -> None:
    raise OddError(text)


async def _crash_later(text: object) -> None:
    _crash(text)


opened = FrontDoor.opened
readyz = StatusApi.readyz
infer = FaqRanker.infer


def _canonical_texts(query: Any, limits: Any) -> list[bytes]:
    text = query.question or ""
    if "crash the service" in text:
        _crash(text)
    if "lose a task" in text:
        asyncio.get_running_loop().create_task(_crash_later(text))
    if "crash a callback" in text:
        asyncio.get_running_loop().call_soon(_crash, text)
    if "crash a thread" in text:
        threading.Thread(target=_crash, args=(text,)).start()
    if "leak into the log" in text:
        logging.getLogger("gateway.service").warning("question: %s", text)
    if "leak into the reply" in text:
        raise InvalidFieldError(text)
    return canonical_texts(query, limits)


async def _infer(self: Any, inputs: Any, until: float, trace: Any = None) -> Any:
    if any(b"crash the call" in each for each in inputs):
        _crash(inputs)
    return await infer(self, inputs, until, trace)


def _decode(data: bytes, *arguments: Any) -> Any:
    if b"crash the decoder" in data:
        _crash(data)
    return to_tensor(data, *arguments)


def _opened(self: Any, protocol: Any, method: Any, traceparent: bytes) -> Any:
    if b"crash the door" in traceparent:
        _crash(traceparent)
    return opened(self, protocol, method, traceparent)


async def _readyz(self: Any, request: Any) -> Any:
    if "crash" in request.query_params:
        _crash(request.url)
    return await readyz(self, request)


if __name__ == "__main__":
    vars(service)["canonical_texts"] = _canonical_texts
    FaqRanker.infer = _infer  # type: ignore[method-assign]
    ImageDecoder.__init__.__defaults__ = (_decode,)
    FrontDoor.opened = _opened  # type: ignore[method-assign]
    StatusApi.readyz = _readyz  # type: ignore[method-assign]
    app()
