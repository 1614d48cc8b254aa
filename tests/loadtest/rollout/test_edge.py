"""The edge: who gets requests."""

import asyncio
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from loadtest.faults.balancers import HAPROXY
from loadtest.rollout.edge import edge
from loadtest.rollout.processes import Container, Program

pytestmark = pytest.mark.skipif(HAPROXY.found() is None, reason="haproxy is not installed")
PORT = 18474
ADDRESSES = ("127.83.3.1", "127.83.3.2")
# Answers with its own address.
SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(sys.argv[1].encode())
http.server.HTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
"""


def _asked(port: int) -> str:
    try:
        with urlopen(f"http://127.0.0.1:{port}/", timeout=5) as reply:
            return str(reply.read().decode())
    except HTTPError as error:
        error.close()
        return str(error.code)


async def _until(port: int, *wanted: str) -> None:
    async with asyncio.timeout(20):
        while {await asyncio.to_thread(_asked, port) for _ in range(4)} != set(wanted):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_requests_go_to_the_endpoints_alone(tmp_path: Path) -> None:
    """To none, to one, to both, to the other one."""
    servers = [
        await Container.start(Program([sys.executable, "-c", SERVER, address, str(PORT)], {}), tmp_path / address)
        for address in ADDRESSES
    ]
    try:
        async with edge(tmp_path, ADDRESSES, {"http": PORT, "grpc": PORT}) as running:
            await _until(running.http_port, "503")
            for wanted in (ADDRESSES[:1], ADDRESSES, ADDRESSES[1:]):
                running.set(frozenset(wanted))
                await _until(running.http_port, *wanted)
    finally:
        for server in servers:
            await server.close()
