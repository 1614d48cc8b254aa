"""Lines that the gateway and Triton really write."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec

from tests.gateway.access.conftest import document, entry
from tests.gateway.fake_triton import FakeTriton, running_triton
from tests.gateway.faq import GOLDEN, write_version
from tests.gateway.gateway_process import gateway_process

KEY, UNKNOWN = ("rts_k00000" + each + "_" + each * 43 for each in "ab")
TRACE = "0af7651916cd43dd8448eb211c80319c"
# As Triton 2.51 writes them with --log-format=ISO8601, the manifests' flag.
TRITON = [
    '2026-11-28T18:40:57Z I 9409 server.cc:674] "No server context available. Exiting immediately."',
    '2026-11-28T18:40:57Z W 9409 metrics.cc:798] "DCGM unable to start: DCGM initialization error"',
    "2026-11-28T18:40:57Z E 9409 model_repository_manager.cc:1460] \"Poll failed for model directory 'broken'\"",
]

# An answer, three refusals, and a fault beside a request.
_ASKED = ((GOLDEN, KEY), ("", KEY), (GOLDEN, UNKNOWN), ("crash the service", KEY), ("crash a thread", KEY))

Line = dict[str, Any]


async def gateway_lines(folder: Path) -> list[Line]:
    """Return the log of a gateway that answers, refuses and breaks."""
    (folder / "keys.json").write_bytes(document(entry(KEY)))
    write_version(folder)
    async with (
        running_triton(FakeTriton()) as triton,
        gateway_process(
            folder / "log",
            "tests.gateway.faulty_gateway",
            log_requests="all",
            triton_url=triton.url,
            model_repository=folder,
            keys_file=folder / "keys.json",
        ) as gateway,
        httpx.AsyncClient(base_url=f"http://{gateway.http}", trust_env=False) as http,
    ):
        for question, key in _ASKED:
            headers = {"authorization": f"Bearer {key}", "traceparent": f"00-{TRACE}-b7ad6b7169203331-00"}
            await http.post("/v1/faq/match", json={"question": question}, headers=headers)
        return await asyncio.to_thread(_written, folder / "log")


def _written(log: Path) -> list[Line]:
    """Wait until all lines, which a thread writes, are there."""
    end = time.monotonic() + 20
    while log.read_bytes().count(TRACE.encode()) < len(_ASKED) or b'"exception"' not in log.read_bytes():
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)
    return [msgspec.json.decode(line) for line in log.read_bytes().splitlines() if line.startswith(b"{")]
