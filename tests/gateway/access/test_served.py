"""Keys and tokens at a running gateway, over HTTP and gRPC."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import NamedTuple

import grpc
import httpx
import pytest

from gateway.generated.scoring_pb2 import MatchFaqRequest
from gateway.generated.scoring_pb2_grpc import ScoringStub
from gateway.server import Addresses, serving
from gateway.settings import Settings
from tests.gateway.access.conftest import document, entry
from tests.gateway.access.issuer import AUDIENCE, Issuer
from tests.gateway.fake_triton import FakeTriton
from tests.gateway.faq import GOLDEN
from tests.gateway.gateway_process import gateway_process

KEY = "rts_k3f9a2_" + "a" * 43
IMAGES = "rts_k1mage_" + "b" * 43
EXPIRED = "rts_kexp1r_" + "c" * 43
STRANGE = "rts_k77777_canarycanary" + "d" * 32


class Served(NamedTuple):
    """A gateway that asks for keys or tokens."""

    addresses: Addresses
    keys_file: Path

    async def http(self, headers: Sequence[tuple[bytes, bytes]], path: str = "/v1/faq/match") -> httpx.Response:
        """Ask over HTTP."""
        async with httpx.AsyncClient(base_url=f"http://{self.addresses.http}", trust_env=False) as client:
            return await client.post(path, json={"question": GOLDEN}, headers=list(headers))

    async def grpc(self, metadata: Sequence[tuple[str, str]]) -> tuple[grpc.StatusCode, str]:
        """Ask over gRPC and return the status and its message."""
        async with grpc.aio.insecure_channel(self.addresses.grpc) as channel:
            stub = ScoringStub(channel)  # type: ignore[no-untyped-call]  # generated code has no types
            try:
                await stub.MatchFaq(MatchFaqRequest(questions=[GOLDEN]), metadata=metadata, timeout=10)
            except grpc.aio.AioRpcError as error:
                return error.code(), error.details() or ""
        return grpc.StatusCode.OK, ""


@pytest.fixture
async def served(key_file: Path, issuer: Issuer, triton: FakeTriton, repository: Path) -> AsyncIterator[Served]:
    """A gateway with some keys and an issuer."""
    write(
        key_file, document(entry(KEY), entry(IMAGES, scopes=["image"]), entry(EXPIRED, expires="2026-01-31T00:00:00Z"))
    )
    settings = Settings(
        port=0,
        grpc_port=0,
        triton_url=triton.url,
        model_repository=str(repository),
        keys_file=str(key_file),
        oidc_issuer=issuer.url,
        oidc_audience=AUDIENCE,
        oidc_scopes="Faq.Match=faq",
    )
    async with serving(settings) as addresses:
        yield Served(addresses, key_file)


def bearer(text: str) -> list[tuple[bytes, bytes]]:
    """Return the header that carries a key or token."""
    return [(b"authorization", b"Bearer " + text.encode())]


async def test_who_may_ask(served: Served, issuer: Issuer) -> None:
    """Keys and tokens with the scope are answered over both protocols, in either header."""
    token = issuer.token().decode()
    for text in (KEY, token):
        assert (await served.http(bearer(text))).status_code == 200
        assert (await served.http([(b"x-api-key", text.encode())])).status_code == 200
        assert await served.grpc([("authorization", f"Bearer {text}")]) == (grpc.StatusCode.OK, "")
        assert await served.grpc([("x-api-key", text)]) == (grpc.StatusCode.OK, "")


@pytest.mark.parametrize("path", ["/v1/faq/match", "/api/v1/service/faq/score"])
async def test_who_may_not(served: Served, issuer: Issuer, path: str) -> None:
    """All others are refused: without a key, with a strange or an expired one, with one for something else."""
    for headers, status in (
        ([], 401),
        (bearer(STRANGE), 401),
        (bearer(EXPIRED), 401),
        ([(b"authorization", b"Basic " + KEY.encode())], 401),
        ([*bearer(KEY), (b"x-api-key", IMAGES.encode())], 401),
        (bearer(issuer.token(aud="canary").decode()), 401),
        (bearer(IMAGES), 403),
        (bearer(issuer.token(scp="Other").decode()), 403),
    ):
        reply = await served.http(headers, path)
        assert reply.status_code == status
        assert "canary" not in reply.text
        assert ("www-authenticate" in reply.headers) == (status == 401)


async def test_the_same_over_grpc(served: Served, issuer: Issuer) -> None:
    """The statuses are gRPC's, and the messages say what is wrong."""
    for metadata, code, words in (
        ([], grpc.StatusCode.UNAUTHENTICATED, "No API key or token was sent"),
        ([("x-api-key", STRANGE)], grpc.StatusCode.UNAUTHENTICATED, "The API key is not known"),
        ([("x-api-key", EXPIRED)], grpc.StatusCode.UNAUTHENTICATED, "The key kexp1r has expired on 2026-01-31"),
        ([("x-api-key", IMAGES)], grpc.StatusCode.PERMISSION_DENIED, "may not use the scope faq"),
        ([("authorization", KEY)], grpc.StatusCode.UNAUTHENTICATED, "another kind than Bearer"),
        ([("authorization", f"Bearer {issuer.token(exp=1).decode()}")], grpc.StatusCode.UNAUTHENTICATED, "has expired"),
    ):
        got, details = await served.grpc(metadata)
        assert got == code
        assert words in details
        assert "canary" not in details


@pytest.mark.parametrize(
    "value",
    [
        b"Bearer \xff\xfe\x80",
        "Bearer rts_é".encode("latin-1"),
        "Bearer rts_ключ".encode(),
        b"Bearer rts_" + b"a" * 40_000,
        b"Bearer " + b"e" * 40_000,
        b"Bearer eyJ.eyJ.",
        b"Bearer " + KEY.encode() + b" " + KEY.encode(),
        b"Bearer\t" + KEY.encode(),
        b"\x80",
    ],
)
async def test_hostile_headers(served: Served, value: bytes) -> None:
    """Any bytes that the protocol lets through are a 401, and the gateway goes on."""
    for name in (b"authorization", b"x-api-key"):
        assert (await served.http([(name, value)])).status_code == 401
    assert (await served.http(bearer(KEY))).status_code == 200


async def test_a_huge_key(served: Served) -> None:
    """A head that is too large is refused as such."""
    reply = await served.http(bearer("rts_" + "a" * 100_000))
    assert reply.status_code in {400, 431}


async def test_everyone_may_know_that_it_lives(served: Served) -> None:
    """Probes and documents need no key."""
    async with httpx.AsyncClient(base_url=f"http://{served.addresses.http}", trust_env=False) as client:
        for path in ("/livez", "/readyz", "/openapi.json", "/docs"):
            assert (await client.get(path)).status_code == 200
        assert (await client.get("/v1/models")).status_code == 401


async def test_revoking_while_it_runs(served: Served) -> None:
    """A key that is revoked, and one that is new, are known on open connections within a second or two."""
    async with httpx.AsyncClient(base_url=f"http://{served.addresses.http}", trust_env=False) as client:

        async def status(text: str) -> int:
            return (await client.post("/v1/faq/match", json={"question": GOLDEN}, headers=bearer(text))).status_code

        assert await status(KEY) == 200
        write(served.keys_file, document(entry(STRANGE)))
        async with asyncio.timeout(60):
            while await status(KEY) != 401:  # noqa: ASYNC110  what is waited for happens in a thread
                await asyncio.sleep(0.05)
        assert await status(STRANGE) == 200


async def test_every_worker_follows_the_file(
    key_file: Path, triton: FakeTriton, repository: Path, tmp_path: Path
) -> None:
    """Where several processes serve one port, none of them lets a revoked key in for longer than a second or two."""
    write(key_file, document(entry(KEY)))
    async with gateway_process(
        tmp_path / "log", workers=2, keys_file=key_file, triton_url=triton.url, model_repository=repository
    ) as process:

        async def statuses() -> set[int]:
            """Ask over many connections: the kernel spreads them among the workers."""
            served = Served(Addresses(process.http, process.grpc), key_file)
            replies = await asyncio.gather(*(served.http(bearer(KEY)) for _ in range(12)))
            return {reply.status_code for reply in replies}

        assert await statuses() == {200}
        write(key_file, document())
        async with asyncio.timeout(60):
            while await statuses() != {401}:  # noqa: ASYNC110  what is waited for happens in other processes
                await asyncio.sleep(0.2)


def write(path: Path, data: bytes) -> None:
    """Write a key file in place."""
    path.write_bytes(data)
