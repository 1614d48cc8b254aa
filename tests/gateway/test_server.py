"""The gateway as a process: ports, signals, exit codes."""

import asyncio
import signal
import socket
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest

from gateway.generated.scoring_pb2 import MatchFaqRequest
from gateway.generated.scoring_pb2_grpc import ScoringStub
from gateway.listening import AddressError
from gateway.server import serving
from gateway.settings import Settings
from tests.cases import QUESTION
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.image_model import picture
from tests.gateway.processes import addresses, flags, process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_signal_stops_it_gracefully(repository: Path, number: signal.Signals) -> None:
    """On SIGTERM, Ctrl-C or a closed terminal, requests in flight are answered over both protocols; exit code 0."""
    async with running_triton(FakeTriton(delay=0.3)) as triton, process(*flags(triton, repository)) as child:
        http_url, grpc_address = await addresses(child)
        async with httpx.AsyncClient(trust_env=False) as http, grpc.aio.insecure_channel(grpc_address) as channel:
            await http.get(f"{http_url}/livez")  # leaves an idle connection behind
            stub = ScoringStub(channel)  # type: ignore[no-untyped-call]  # generated code has no types
            pending = stub.MatchFaq(MatchFaqRequest(question=QUESTION))
            posted = asyncio.create_task(http.post(f"{http_url}/v1/faq/match", json={"question": QUESTION}))
            await asyncio.sleep(0.15)
            child.send_signal(number)
            assert (await posted).status_code == 200
            assert (await pending).results
        assert await asyncio.wait_for(child.wait(), 20) == 0


async def test_a_stuck_triton_does_not_stop_it_from_stopping(repository: Path) -> None:
    """Requests that cannot be answered any more get 503 before the grace ends, and the process goes in time."""
    async with (
        running_triton(FakeTriton(delay=60, image_delay=60)) as triton,
        process(*flags(triton, repository), "--grace", "1") as child,
        httpx.AsyncClient(trust_env=False, timeout=10) as http,
    ):
        http_url, _ = await addresses(child)
        posted = asyncio.create_task(http.post(f"{http_url}/v1/faq/match", json={"question": QUESTION}))
        image: dict[str, Any] = {"content": picture(1), "headers": {"content-type": "image/png"}}
        images = [asyncio.create_task(http.post(f"{http_url}/v1/images/classify", **image)) for _ in range(3)]
        await asyncio.sleep(0.3)
        child.send_signal(signal.SIGTERM)
        assert [(await each).status_code for each in (posted, *images)] == [503] * 4
        assert await asyncio.wait_for(child.wait(), 20) == 0


async def test_a_client_that_never_finishes_does_not_stop_it_from_stopping(repository: Path) -> None:
    """A connection that is stuck in the middle of a body is cut off when the grace ends."""
    async with running_triton(FakeTriton()) as triton, process(*flags(triton, repository), "--grace", "1") as child:
        http_url, _ = await addresses(child)
        host, port = http_url.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /v1/faq/match HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n")
        writer.write(b"content-length: 100\r\n\r\n{")
        await asyncio.sleep(0.2)
        child.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(child.wait(), 8) == 0
        writer.close()


@pytest.mark.parametrize(("protocol", "flag"), [("HTTP", "--port"), ("gRPC", "--grpc-port")])
async def test_a_busy_port(repository: Path, protocol: str, flag: str) -> None:
    """A port in use ends the process with exit code 2 and one line that names it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        other = "--grpc-port" if flag == "--port" else "--port"
        async with process(flag, port, other, "0", "--model-repository", str(repository)) as child:
            output, _ = await asyncio.wait_for(child.communicate(), 20)
    assert child.returncode == 2
    (line,) = output.decode().splitlines()
    assert line.startswith(f"scoring gateway: cannot listen for {protocol} on 127.0.0.1:{port}: ")
    assert flag in line


async def test_two_gateways_never_share_a_port(repository: Path) -> None:
    """A second gateway on the gRPC port of the first is refused instead of taking half of its calls."""
    async with serving(Settings(port=0, grpc_port=0, model_repository=str(repository))) as first:
        port = int(first.grpc.rpartition(":")[2])
        with pytest.raises(AddressError, match="gRPC"):
            async with serving(Settings(port=0, grpc_port=port, model_repository=str(repository))):
                pass


async def test_an_address_of_another_machine(repository: Path) -> None:
    """An address that is not this machine's is refused with a reason."""
    with pytest.raises(AddressError, match=r"192\.0\.2\.1:"):
        async with serving(Settings(host="192.0.2.1", port=0, grpc_port=0, model_repository=str(repository))):
            pass


async def test_it_listens_on_ipv6(repository: Path) -> None:
    """Both servers take an IPv6 address."""
    async with serving(Settings(host="::1", port=0, grpc_port=0, model_repository=str(repository))) as where:
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(f"http://{where.http}/livez")).status_code == 200
        assert where.grpc.startswith("[::1]:")


async def test_stopping_is_quick_when_idle(repository: Path) -> None:
    """Idle connections do not make the stop wait for the grace to end."""
    settings = Settings(port=0, grpc_port=0, grace=600, model_repository=str(repository))
    async with asyncio.timeout(20), httpx.AsyncClient(trust_env=False) as http, serving(settings) as where:
        assert (await http.get(f"http://{where.http}/livez")).status_code == 200
