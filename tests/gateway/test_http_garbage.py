"""Garbage on the HTTP port: thousands of requests, each broken in its own way, always the same ones."""

import asyncio
import random
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path

import httpx

from gateway.errors import STATUS, InternalFaultError, ModelFaultError
from tests.cases import QUESTION
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.gateway_process import MIB, gateway_process

_BODY = b'{"question": "%s", "top_k": 3}' % QUESTION.encode()
_JSON = b"content-type: application/json\r\n"
_HEAD = b"POST /v1/faq/match HTTP/1.1\r\nhost: x\r\n" + _JSON
SEEDS = [
    _HEAD + b"content-length: %d\r\n\r\n" % len(_BODY) + _BODY,
    _HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"%x\r\n%s\r\n0\r\nx: y\r\n\r\n" % (len(_BODY), _BODY),
    _HEAD + b"expect: 100-continue\r\ncontent-length: 2\r\n\r\n{}",
    _HEAD + b"authorization: Bearer x\r\nrequest-timeout: 1\r\ntraceparent: 00-ab-cd-01\r\ncontent-length: 2\r\n\r\n{}",
    b"GET /readyz?model=faq_matcher HTTP/1.1\r\nhost: x\r\naccept: */*\r\n\r\n",
    b"HEAD /v1/models HTTP/1.0\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nhost: x\r\norigin: null\r\n\r\nGET http://x/metrics HTTP/1.1\r\nhost: x\r\n\r\n",
    (
        b"POST /v1/images/classify HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=b\r\n"
        b"content-length: 64\r\n\r\n--b\r\ncontent-disposition: form-data; name=image\r\n\r\nabc\r\n--b--\r\n"
    ),
]
_SNIPPETS = [
    *(b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\0", b"\xff\xfe", b" ", b"\t", b":", b"%", b"%00", b"?", b"/../", b";"),
    *(b"0", b"-1", b"ffffffffffffffff", b"99999999999999999999", b"1e9", b"HTTP/1.1", b"HTTP/9.9", b"chunked"),
    *(b"content-length: 5\r\n", b"transfer-encoding: chunked\r\n", b"connection: close\r\n", b"upgrade: h2c\r\n"),
    *(b"host: y\r\n", b"expect: 100-continue\r\n", b"a" * 9000, b"b: c\r\n" * 101, b"\x16\x03\x01\x02\x00"),
]
_ROUND = 1500
_AT_A_TIME = 30

_FAULTS = {STATUS[kind].http for kind in (InternalFaultError, ModelFaultError)}
_DOCUMENTED = {200, 204} | {status.http for status in STATUS.values()} - _FAULTS


def garbage(number: int) -> bytes:
    """Return one request, or two that follow each other, mutated a few times."""
    chance = random.Random(number)
    data = bytearray(b"".join(chance.choices(SEEDS, k=chance.choice((1, 1, 2)))))
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        until = min(len(data), at + chance.randint(0, 12))
        match chance.randrange(4):
            case 0:
                data[at:at] = chance.choice(_SNIPPETS)
            case 1:
                del data[at:until]
            case 2:
                data[at:until] = chance.randbytes(until - at)
            case 3:
                data[at:at] = data[max(0, at - 40) : until]
    return bytes(data)


async def _throw(where: str, number: int, seen: Counter[int]) -> None:
    host, port = where.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    data = garbage(number)
    cut = number % (len(data) + 1)
    with suppress(ConnectionError, TimeoutError):
        for piece in (data[:cut], data[cut:]):  # a cut anywhere must not matter
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(0.1):
            replies = b""
            while piece := await reader.read(65_536):
                replies += piece
                seen.update(int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", piece))
    writer.transport.abort()


async def _round(where: str, first: int) -> Counter[int]:
    seen: Counter[int] = Counter()
    for start in range(first, first + _ROUND, _AT_A_TIME):
        await asyncio.gather(*(_throw(where, number, seen) for number in range(start, start + _AT_A_TIME)))
    return seen


async def test_garbage_harms_nobody(repository: Path, tmp_path: Path) -> None:
    """No crash, no status but the documented ones, no fault in the log; files and memory do not pile up."""
    async with (
        running_triton(FakeTriton()) as triton,
        gateway_process(
            tmp_path / "log", triton_url=triton.url, model_repository=repository, header_timeout=1
        ) as gateway,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        seen = await _round(gateway.http, 0)
        files, memory = gateway.files(), gateway.memory()
        seen += await _round(gateway.http, _ROUND)
        assert set(seen) - {100} <= _DOCUMENTED, seen
        assert {200, 400, 404, 414, 431} <= set(seen), "the garbage is not as varied as it should be"
        async with asyncio.timeout(20):
            while gateway.files() > files + 5:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert gateway.memory() < memory + 50 * MIB
        reply = await http.post(f"http://{gateway.http}/v1/faq/match", json={"question": QUESTION})
        assert reply.status_code == 200
        assert b'"level":"error"' not in gateway.log.read_bytes()
