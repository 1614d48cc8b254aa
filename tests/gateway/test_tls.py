"""TLS on both ports, with real certificates and real handshakes."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import grpc
import httpx
import pytest
from cryptography import x509
from grpc_health.v1 import health_pb2, health_pb2_grpc

from gateway import tls
from gateway.server import Addresses, serving
from gateway.settings import Settings, SettingsError
from gateway.tls import Tls, check_tls
from tests.gateway.certificates import Pair, make_pair
from tests.gateway.processes import addresses, end, process


def _settings(repository: Path, folder: Path, pair: Pair) -> Settings:
    cert, key = pair.write(folder)
    return Settings(port=0, grpc_port=0, model_repository=str(repository), tls_cert=cert, tls_key=key)


def _client(*pairs: Pair) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata="".join(pair.cert.decode() for pair in pairs))
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


@asynccontextmanager
async def _connection(
    where: str, context: ssl.SSLContext
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, ssl.SSLObject]]:
    host, port = where.split(":")
    reader, writer = await asyncio.open_connection(host, int(port), ssl=context, server_hostname="localhost")
    try:
        yield reader, writer, writer.get_extra_info("ssl_object")
    finally:
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


async def _serial(where: str, *trusted: Pair) -> int:
    """Return the serial number of the certificate that a new connection is shown."""
    async with _connection(where, _client(*trusted)) as (_, _, tls_object):
        shown = tls_object.getpeercert(binary_form=True)
        assert shown
        return x509.load_der_x509_certificate(shown).serial_number


async def _check_grpc(where: str, trusted: Pair) -> None:
    async with grpc.aio.secure_channel(where, grpc.ssl_channel_credentials(trusted.cert)) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        await stub.Check(health_pb2.HealthCheckRequest(), timeout=10)


async def _until_serial(where: str, wanted: Pair, before: Pair) -> None:
    async with asyncio.timeout(20):
        while await _serial(where, wanted, before) != wanted.serial:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def _get(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter, ssl.SSLObject]) -> bytes:
    reader, writer, _ = connection
    writer.write(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
    return await asyncio.wait_for(reader.readuntil(b'{"status":"alive"}'), 10)


async def test_both_ports_speak_tls(repository: Path, tmp_path: Path) -> None:
    """HTTP and gRPC are answered over TLS; HTTP names its protocol to clients that ask (ALPN)."""
    pair = make_pair()
    async with serving(_settings(repository, tmp_path, pair)) as where:
        assert where.scheme == "https"
        async with httpx.AsyncClient(verify=_client(pair), trust_env=False) as http:
            assert (await http.get(f"https://{where.http}/livez")).status_code == 200
        async with _connection(where.http, _client(pair)) as (_, _, tls_object):
            assert (tls_object.version(), tls_object.selected_alpn_protocol()) == ("TLSv1.3", "http/1.1")
        await _check_grpc(where.grpc, pair)


async def test_clients_without_tls_get_nothing(repository: Path, tmp_path: Path) -> None:
    """Neither port answers in clear text, nor to a client that does not know the certificate."""
    async with serving(_settings(repository, tmp_path, make_pair())) as where:
        async with httpx.AsyncClient(trust_env=False) as http:
            with pytest.raises(httpx.TransportError):
                await http.get(f"http://{where.http}/livez")
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await http.get(f"https://{where.http}/livez")
        async with grpc.aio.insecure_channel(where.grpc) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
            assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the old versions that are tried
async def test_old_protocols_are_refused(repository: Path, tmp_path: Path) -> None:
    """TLS 1.1 and ciphers without forward secrecy are not spoken; TLS 1.2 is."""
    pair = make_pair()
    async with serving(_settings(repository, tmp_path, pair)) as where:
        modern, old, weak = _client(pair), _client(pair), _client(pair)
        modern.maximum_version = weak.maximum_version = ssl.TLSVersion.TLSv1_2
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        weak.set_ciphers("AES128-SHA256:ECDHE-ECDSA-AES128-SHA256")
        async with _connection(where.http, modern) as (_, _, tls_object):
            assert tls_object.version() == "TLSv1.2"
        for context in (old, weak):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                async with _connection(where.http, context):
                    pass


async def test_a_new_certificate_is_taken_up(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """New files are shown to new connections of both ports, while an open connection goes on as it is."""
    monkeypatch.setattr(tls, "PERIOD", 0.1)
    first, second = make_pair(), make_pair()
    async with (
        serving(_settings(repository, tmp_path, first)) as where,
        _connection(where.http, _client(first)) as connection,
    ):
        await _get(connection)
        assert await _serial(where.http, first, second) == first.serial
        second.write(tmp_path)
        await _until_serial(where.http, second, first)
        await _check_grpc(where.grpc, second)
        await _get(connection)


async def test_a_secret_that_is_swapped(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files behind a link to a folder, as Kubernetes mounts secrets, are followed when the link is moved."""
    monkeypatch.setattr(tls, "PERIOD", 0.1)
    first, second = make_pair(), make_pair()
    for name, pair in (("one", first), ("two", second)):
        (tmp_path / name).mkdir()
        pair.write(tmp_path / name)
    data = tmp_path / "data"
    data.symlink_to("one")
    paths = str(data / "tls.crt"), str(data / "tls.key")
    settings = replace(_settings(repository, tmp_path, first), tls_cert=paths[0], tls_key=paths[1])
    async with serving(settings) as where:
        assert await _serial(where.http, first, second) == first.serial
        (tmp_path / "new").symlink_to("two")
        (tmp_path / "new").rename(data)
        await _until_serial(where.http, second, first)


async def test_broken_files_change_nothing(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Half of a change, or a broken file, is logged once; the old certificate stays until both files fit."""
    monkeypatch.setattr(tls, "PERIOD", 0.05)
    first, second = make_pair(), make_pair()
    async with serving(_settings(repository, tmp_path, first)) as where:
        (tmp_path / "tls.crt").write_bytes(second.cert)
        async with asyncio.timeout(20):
            while "TLS:" not in caplog.text:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        assert caplog.text.count("TLS:") == 1
        assert await _serial(where.http, first, second) == first.serial
        await _check_grpc(where.grpc, first)
        (tmp_path / "tls.key").write_bytes(second.key)
        await _until_serial(where.http, second, first)


async def test_when_it_expires(repository: Path, tmp_path: Path) -> None:
    """The end of the certificate in use is known, for a gauge."""
    pair = make_pair(days=7)
    assert Tls(_settings(repository, tmp_path, pair)).expires == pair.expires.timestamp()


@pytest.mark.parametrize(
    ("cert", "key", "reason"),
    [
        (None, b"", "tls.crt cannot be read: No such file or directory"),
        (b"nonsense", b"", "tls.crt holds no certificate in PEM"),
        (make_pair().cert, b"nonsense", "tls.key holds no unencrypted private key in PEM that belongs to"),
        (make_pair().cert, make_pair().key, "tls.key holds no unencrypted private key in PEM that belongs to"),
        (make_pair().cert, make_pair(password=b"x").key, "tls.key holds no unencrypted private key"),
    ],
    ids=["missing", "no certificate", "no key", "another's key", "encrypted"],
)
def test_files_that_cannot_be_used(tmp_path: Path, cert: bytes | None, key: bytes, reason: str) -> None:
    """Files that cannot be used at the start are refused with one line that says what is wrong with which."""
    paths = tmp_path / "tls.crt", tmp_path / "tls.key"
    if cert is not None:
        paths[0].write_bytes(cert)
    paths[1].write_bytes(key)
    with pytest.raises(SettingsError, match=r"^SCORING_TLS_CERT=") as refused:
        check_tls(Settings(tls_cert=str(paths[0]), tls_key=str(paths[1])))
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_certificate_needs_its_key() -> None:
    """One of the two settings alone is refused."""
    with pytest.raises(SettingsError, match="SCORING_TLS_KEY is empty"):
        check_tls(Settings(tls_cert="a"))
    with pytest.raises(SettingsError, match="SCORING_TLS_CERT is empty"):
        check_tls(Settings(tls_key="a"))


def test_addresses_tell_how_to_speak() -> None:
    """What a gateway says at its start names the scheme."""
    assert str(Addresses("a:1", "a:2", "https")) == "HTTP on https://a:1, gRPC on a:2"


async def test_a_process_with_workers(repository: Path, tmp_path: Path) -> None:
    """Workers speak TLS on both ports, take up a new certificate, and tell a client why they refuse it."""
    first, second = make_pair(), make_pair()
    cert, key = first.write(tmp_path)
    ports = ["--port", "0", "--grpc-port", "0", "--model-repository", str(repository)]
    async with process(*ports, "--workers", "2", "--tls-cert", cert, "--tls-key", key) as child:
        url, grpc_address = await addresses(child)
        assert url.startswith("https://")
        where = url.removeprefix("https://")
        await _check_grpc(grpc_address, first)
        async with _connection(where, _client(first)) as connection:
            await _get(connection)
            second.write(tmp_path)
            for _ in range(3):  # whichever worker answers
                await _until_serial(where, second, first)
            await _get(connection)
            reader, writer, _ = connection
            for _ in range(50):
                writer.write(b"x" * 65_536)
                await writer.drain()
            assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        assert await end(child) == 0
