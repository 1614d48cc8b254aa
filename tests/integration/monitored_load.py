"""A load that leaves something in every metric: answers of both models, and each kind of refusal that can be had."""

import asyncio
import contextlib
import ssl
from collections.abc import Coroutine, Sequence
from typing import Any

import grpc
import httpx

from gateway.generated.scoring_pb2 import ClassifyImageRequest, MatchFaqRequest
from gateway.generated.scoring_pb2_grpc import ScoringStub
from gateway.server import Addresses
from tests.cases import QUESTION
from tests.gateway.access.conftest import document, entry
from tests.image_cases import JPEG

MATCH, CLASSIFY = "/v1/faq/match", "/v1/images/classify"
KEY, FAQ_ONLY, UNKNOWN = ("rts_k00000" + each + "_" + each * 43 for each in "abc")
# Of two clients: the second may ask once a second, and nothing of pictures.
KEYS = document(
    entry(KEY, scopes=["faq", "image", "admin"]), entry(FAQ_ONLY, client="greedy"), greedy={"rate": 1, "burst": 1}
)
_TRACED = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}


def _headers(key: str, **more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}", **more}


async def load(addresses: Addresses, certificate: bytes, seconds: float) -> None:
    """Ask for so many seconds; raises AssertionError where a refusal is not the one that was meant."""
    context = ssl.create_default_context(cadata=certificate.decode())
    async with httpx.AsyncClient(
        base_url=f"https://{addresses.http}", verify=context, trust_env=False, timeout=60
    ) as http:
        end = asyncio.get_running_loop().time() + seconds
        await asyncio.gather(
            *(_questions(http, end) for _ in range(6)),
            _pictures(http, end),
            _grpc(addresses, certificate),
            _refusals(http),
            _hang_up(addresses, context),
        )


async def _questions(http: httpx.AsyncClient, end: float) -> None:
    while asyncio.get_running_loop().time() < end:
        reply = await http.post(MATCH, json={"question": QUESTION}, headers=_headers(KEY, **_TRACED))
        assert reply.status_code == 200, reply.text
        await asyncio.sleep(0.01)


async def _pictures(http: httpx.AsyncClient, end: float) -> None:
    while asyncio.get_running_loop().time() < end:
        headers = _headers(KEY, **{"content-type": "image/jpeg"})
        reply = await http.post(CLASSIFY, content=JPEG, headers=headers)
        assert reply.status_code == 200, reply.text


async def _grpc(addresses: Addresses, certificate: bytes) -> None:
    metadata = [("authorization", f"Bearer {KEY}")]
    async with grpc.aio.secure_channel(addresses.grpc, grpc.ssl_channel_credentials(certificate)) as channel:
        stub = ScoringStub(channel)  # type: ignore[no-untyped-call]  # generated code has no types
        await stub.MatchFaq(MatchFaqRequest(questions=[QUESTION, QUESTION]), metadata=metadata)
        await stub.ClassifyImage(ClassifyImageRequest(image=JPEG), metadata=metadata)


async def _refusals(http: httpx.AsyncClient) -> None:
    question = {"question": QUESTION}
    await _refused(
        [
            (401, http.post(MATCH, json=question, headers=_headers(UNKNOWN))),
            (403, http.post(CLASSIFY, content=JPEG, headers=_headers(FAQ_ONLY))),
            (400, http.post(MATCH, content=b"{", headers=_headers(KEY, **{"content-type": "application/json"}))),
            (422, http.post(MATCH, json={"question": 5}, headers=_headers(KEY))),
            (404, http.get("/nowhere", headers=_headers(KEY))),
        ]
    )
    late = await http.post(MATCH, json=question, headers=_headers(KEY, **{"request-timeout": "0.000001"}))
    assert late.status_code in {503, 504}, late.text  # refused on arrival, or when its time is over
    statuses = [(await http.post(MATCH, json=question, headers=_headers(FAQ_ONLY))).status_code for _ in range(5)]
    assert 429 in statuses


async def _refused(expected: Sequence[tuple[int, Coroutine[Any, Any, httpx.Response]]]) -> None:
    for status, request in expected:
        reply = await request
        assert reply.status_code == status, reply.text


async def _hang_up(addresses: Addresses, context: ssl.SSLContext) -> None:
    host, _, port = addresses.http.rpartition(":")
    head = f"POST {CLASSIFY} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\n"
    head += f"content-type: image/jpeg\r\ncontent-length: {len(JPEG)}\r\n\r\n"
    for _ in range(5):
        _, writer = await asyncio.open_connection(host, int(port), ssl=context)
        writer.write(head.encode() + JPEG)
        await writer.drain()
        await asyncio.sleep(0.03)
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):  # it closes while the reply is on its way
            await writer.wait_closed()
