"""Questions over HTTP and gRPC whose replies are read to the end."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Protocol

import grpc
import msgspec

from gateway.generated.scoring_pb2 import MatchFaqReply
from loadtest.grpc_driver import MATCH_FAQ, OPTIONS
from loadtest.openloop.grpc_load import STATUS
from loadtest.openloop.outcome import CLOSED, LATE, OK
from loadtest.rollout.answers import Answer, Match

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


class Asker(Protocol):
    """Sends questions, each by its number."""

    async def ask(self, number: int) -> Answer:
        """Send one and return what came of it; never raises."""
        ...

    async def close(self) -> None:
        """Hang up."""
        ...


class _Version(msgspec.Struct):
    version: str


class _Reply(msgspec.Struct):
    matches: list[Match]
    model: _Version


class HttpAsker:
    """Requests as bytes, over connections that are kept; a reply is awaited for `patience` seconds."""

    def __init__(self, address: tuple[str, int], requests: Sequence[bytes], patience: float) -> None:
        self._address = address
        self._requests = requests
        self._patience = patience
        self._decoder = msgspec.json.Decoder(_Reply)
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, number: int) -> Answer:
        try:
            async with asyncio.timeout(self._patience):
                return await self._ask(self._requests[number % len(self._requests)])
        except TimeoutError:
            return Answer(LATE)
        except (OSError, EOFError, ValueError):  # refused; closed before its end; no HTTP
            return Answer(CLOSED)

    async def close(self) -> None:
        for _, writer in self._idle:
            writer.close()

    async def _ask(self, request: bytes) -> Answer:
        reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection(*self._address)
        if reader.at_eof():
            writer.close()
            return await self._ask(request)
        kept = False
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            body = await reader.readexactly(int(length[1]) if length else 0)
            kept = _CLOSE.search(head) is None
        finally:
            if kept:
                self._idle.append((reader, writer))
            else:
                writer.close()
        return self._answer(int(head.split(b" ", 2)[1]), body)

    def _answer(self, status: int, body: bytes) -> Answer:
        if status != OK:
            return Answer(status)
        reply = self._decoder.decode(body)
        return Answer(OK, reply.model.version, reply.matches)


class GrpcAsker:
    """Calls of MatchFaq on one connection, each with a deadline of `deadline` seconds."""

    def __init__(self, address: str, messages: Sequence[bytes], deadline: float) -> None:
        self._channel = grpc.aio.insecure_channel(address, options=OPTIONS)
        self._call: Any = self._channel.unary_unary(MATCH_FAQ, response_deserializer=MatchFaqReply.FromString)
        self._messages = messages
        self._deadline = deadline

    async def ask(self, number: int) -> Answer:
        try:
            reply = await self._call(self._messages[number % len(self._messages)], timeout=self._deadline)
        except grpc.RpcError as error:
            return Answer(STATUS.get(error.code(), CLOSED))
        matches = [Match(each.id, each.question, each.answer_id, each.answer) for each in reply.results[0].matches]
        return Answer(OK, reply.model.version, matches)

    async def close(self) -> None:
        await self._channel.close()
