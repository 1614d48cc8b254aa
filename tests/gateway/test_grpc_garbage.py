"""Garbage on the gRPC port: nothing ends the gateway, makes it grow, or keeps it from answering."""

import asyncio
import gzip
import json
import random
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import grpc
import pytest

from gateway.generated.scoring_pb2 import MatchFaqRequest
from gateway.generated.scoring_pb2_grpc import ScoringStub
from tests.gateway.fake_triton import FakeTriton
from tests.gateway.gateway_process import MIB, GatewayProcess, gateway_process
from tests.gateway.http2 import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    PING,
    PREFACE,
    PRIORITY,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Frame,
    connected,
    data_frames,
    frame,
    literal,
    message,
    request_headers,
)

FAQ, IMAGE = "/scoring.v1.Scoring/MatchFaq", "/scoring.v1.Scoring/ClassifyImage"
HEALTH = "/grpc.health.v1.Health/Check"
QUESTION = MatchFaqRequest(question="loop").SerializeToString()
GZIP = ("grpc-encoding", "gzip")

# What a fault may cost for as long as it goes on; a real one costs gigabytes.
GROWTH = 128 * MIB

Attack = Callable[[str], Awaitable[None]]


@pytest.fixture(scope="module")
async def gateway(
    running: tuple[FakeTriton, object], repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[GatewayProcess]:
    """A gateway that nobody else needs."""
    log = tmp_path_factory.mktemp("garbage") / "log"
    async with gateway_process(log, triton_url=running[0].url, model_repository=repository) as process:
        await _answers(process)
        yield process


async def _answers(gateway: GatewayProcess) -> None:
    """Wait for an answer; calls that come while thousands of others are torn down may be turned away."""
    async with grpc.aio.insecure_channel(gateway.grpc) as channel:
        stub = ScoringStub(channel)  # type: ignore[no-untyped-call]  # generated code has no types
        for _ in range(50):
            with suppress(grpc.aio.AioRpcError):
                assert (await stub.MatchFaq(MatchFaqRequest(question="loop"), timeout=20)).results
                return
            await asyncio.sleep(0.1)
    pytest.fail("no answer any more")


async def _flood(address: str, opening: bytes, piece: bytes, count: int) -> None:
    """Send a piece over and over until the other side has had enough; what it says is read and dropped."""
    async with connected(address) as connection:
        await connection.send(opening)
        reading = asyncio.create_task(_drain(connection.frames(1)))
        for _ in range(count):
            if not await connection.send(piece):
                break
        await reading


async def _drain(frames: AsyncIterator[Frame]) -> None:
    async for _ in frames:
        pass


async def _anything(address: str) -> None:
    dice = random.Random(1)  # the same garbage in every run
    for _ in range(200):
        async with connected(address, greeted=False) as connection:
            await connection.send(dice.randbytes(dice.randrange(400)))


async def _mutated_greetings(address: str) -> None:
    dice = random.Random(2)
    whole = (
        PREFACE
        + frame(SETTINGS)
        + frame(HEADERS, END_HEADERS, 1, request_headers(FAQ))
        + data_frames(1, message(QUESTION))
    )
    for _ in range(150):
        spoiled = bytearray(whole)
        for _ in range(dice.randrange(1, 6)):
            spoiled[dice.randrange(len(spoiled))] = dice.randrange(256)
        async with connected(address, greeted=False) as connection:
            await connection.send(bytes(spoiled[: dice.randrange(1, len(spoiled) + 1)]))
            await connection.until_ended(1, 0.02)


async def _paths(address: str) -> None:
    """Methods that do not exist, some of them no text; one that is not UTF-8 ended the server of grpcio 1.84."""
    for path in (b"", b"/", b"/\x84", b"\xff" * 100, b"/scoring.v1.Scoring/\0", b"x" * 4000, b"/a/b/c?d", b"*"):
        async with connected(address) as connection:
            block = request_headers("") + literal("x", "y")
            block = block.replace(literal(":path", ""), literal(":path", path))
            await connection.send(frame(HEADERS, END_HEADERS, 1, block) + data_frames(1, message(QUESTION)))
            await connection.until_ended(1, 1)


async def _broken_frames(address: str) -> None:
    dice = random.Random(3)
    for _ in range(200):
        async with connected(address) as connection:
            for _ in range(dice.randrange(1, 20)):
                payload = dice.randbytes(dice.randrange(60))
                length = dice.choice((None, None, None, dice.randrange(1 << 24)))
                kind, flags = dice.randrange(12), dice.choice((0, 1, 4, 5, 8, 32, dice.randrange(256)))
                stream = dice.choice((0, 1, 2, 3, 1 << 31, dice.randrange(1 << 32)))
                if not await connection.send(frame(kind, flags, stream, payload, length)):
                    break
            await connection.until_ended(1, 0.02)


async def _rapid_reset(address: str) -> None:
    """CVE-2023-44487: streams that are opened and given up at once."""
    async with connected(address) as connection:
        for number in range(1, 40_001, 2):
            opened = frame(HEADERS, END_HEADERS, number, request_headers(FAQ)) + data_frames(number, message(QUESTION))
            if not await connection.send(opened + frame(RST_STREAM, 0, number, b"\0\0\0\x08")):
                break


async def _endless_headers(address: str) -> None:
    """CVE-2024-27316: a header block that never ends."""
    opening = frame(HEADERS, 0, 1, request_headers(FAQ))
    piece = frame(CONTINUATION, 0, 1, literal("x", b"a" * 16_000))
    await _flood(address, opening, piece, 4000)


async def _header_bomb(address: str) -> None:
    """One header of 4 kB, kept in the table and then named 16,000 times in each frame (RFC 7541, section 6.1)."""
    kept = b"\x40" + literal("x", b"a" * 3900)[1:]
    block = request_headers(FAQ) + kept + b"\xbe" * 12_000
    for _ in range(5):
        async with connected(address) as connection:
            for number in range(1, 100, 2):
                if not await connection.send(frame(HEADERS, END_HEADERS, number, block)):
                    break


async def _a_large_header(address: str) -> None:
    for name in ("x", "authorization", "traceparent", "x-api-key", "grpc-timeout"):
        await _flood(address, b"", frame(HEADERS, END_HEADERS, 1, request_headers(FAQ, (name, b"9" * 16_000))), 3)


async def _settings(address: str) -> None:
    await _flood(address, b"", frame(SETTINGS, 0, 0, b"\0\x04\0\0\xff\xff") * 100, 1000)


async def _pings(address: str) -> None:
    await _flood(address, b"", frame(PING, 0, 0, bytes(8)) * 100, 1000)


async def _priorities(address: str) -> None:
    await _flood(address, b"", frame(PRIORITY, 0, 3, b"\0\0\0\x01\x10") * 100, 1000)


async def _windows(address: str) -> None:
    await _flood(address, b"", frame(WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff"), 10)


async def _empty_data(address: str) -> None:
    opening = frame(HEADERS, END_HEADERS, 1, request_headers(FAQ))
    await _flood(address, opening, frame(DATA, 0, 1) * 100, 1000)


async def _streams_without_end(address: str) -> None:
    async with connected(address) as connection:
        for number in range(1, 10_001, 2):
            if not await connection.send(frame(HEADERS, END_HEADERS, number, request_headers(FAQ))):
                break
        await _drain(connection.frames(0.5))


async def _lengths_that_lie(address: str) -> None:
    for length in (0, 1, 1 << 20, 20 << 20, (20 << 20) + 1, (1 << 31) - 1, 1 << 31, (1 << 32) - 1):
        for content in (message(QUESTION, length=length), message(b"", length=length), b"\0\0", b"\x07\0\0\0\0"):
            async with connected(address) as connection:
                await connection.send(frame(HEADERS, END_HEADERS, 1, request_headers(FAQ)) + data_frames(1, content))
                await connection.until_ended(1, 0.1)


async def _several_messages(address: str) -> None:
    async with connected(address) as connection:
        await connection.send(
            frame(HEADERS, END_HEADERS, 1, request_headers(FAQ)) + data_frames(1, message(QUESTION) * 50)
        )
        await connection.until_ended(1, 1)


async def _messages_that_inflate(address: str) -> None:
    bomb = _bomb(19)
    for path in (FAQ, IMAGE, HEALTH):
        await asyncio.gather(*(_one_bomb(address, path, bomb) for _ in range(50)))


async def _one_bomb(address: str, path: str, bomb: bytes) -> None:
    async with connected(address) as connection:
        for number in (1, 3, 5):
            headers = request_headers(path, GZIP)
            await connection.send(
                frame(HEADERS, END_HEADERS, number, headers) + data_frames(number, message(bomb, compressed=True))
            )
        await connection.until_ended(5, 5)


def _bomb(mebibytes: int) -> bytes:
    """Return a gzip file of so many zeros; a thousandth of their size."""
    press = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(press.compress(bytes(MIB)) for _ in range(mebibytes)) + press.flush()


ATTACKS: list[Attack] = [
    _anything,
    _mutated_greetings,
    _paths,
    _broken_frames,
    _rapid_reset,
    _endless_headers,
    _header_bomb,
    _a_large_header,
    _settings,
    _pings,
    _priorities,
    _windows,
    _empty_data,
    _streams_without_end,
    _lengths_that_lie,
    _several_messages,
    _messages_that_inflate,
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__.strip("_"))
async def test_garbage(gateway: GatewayProcess, attack: Attack) -> None:
    """The gateway outlives it in the memory that it had, closes its sockets, and answers the next question."""
    await _answers(gateway)
    before, files = gateway.memory(), gateway.files()
    gateway.forget_peak()
    async with asyncio.timeout(60):
        await attack(gateway.grpc)
    assert gateway.alive
    assert gateway.peak() - before < GROWTH
    await _answers(gateway)
    for _ in range(100):
        if gateway.files() <= files:
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"{gateway.files() - files} sockets stay open")


async def test_a_compressed_message_is_refused(gateway: GatewayProcess) -> None:
    """A message that would inflate is refused unread, whatever its size, and the client is told why."""
    for content in (gzip.compress(QUESTION), _bomb(19), _bomb(60)):
        async with connected(gateway.grpc) as connection:
            await connection.send(
                frame(HEADERS, END_HEADERS, 1, request_headers(FAQ, GZIP))
                + data_frames(1, message(content, compressed=True))
            )
            last = (await connection.until_ended(1, 10))[-1]
        assert last.kind == HEADERS
        assert last.flags & END_STREAM
        assert b"grpc-status\x0212" in last.payload  # UNIMPLEMENTED, as gRPC's compression.md has it
        assert b"gzip" in last.payload


def test_the_log_stays_readable(gateway: GatewayProcess) -> None:
    """After all that, every line of the log is JSON: no library has written its own."""
    for line in gateway.log.read_bytes().splitlines():
        json.loads(line)
