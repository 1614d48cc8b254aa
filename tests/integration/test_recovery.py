"""Killing a part of the running stack: clear errors meanwhile, service again without anybody's help."""

import asyncio
import os
import signal
import time
from pathlib import Path

import httpx
import pytest

from tests.standalone.serve_process import Serve, shared_memory

pytestmark = pytest.mark.triton

QUESTION = {"question": "how do I sort an array of numbers?", "top_k": 1}
CLIENTS = 16
DEADLINE = 5.0  # the gateway's default


async def _ask_until(done: asyncio.Event, client: httpx.AsyncClient, replies: list[httpx.Response]) -> None:
    while not done.is_set():
        # A reply after the deadline (and a second for this busy machine) is an exception here, and fails the test.
        replies.append(await client.post("/v1/faq/match", json=QUESTION, timeout=DEADLINE + 1))


async def _until(replies: list[httpx.Response], status: int, start: int) -> int:
    """Wait for the first reply of that status from position `start` on; return its position."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for position in range(start, len(replies)):
            if replies[position].status_code == status:
                return position
        await asyncio.sleep(0.02)
    raise AssertionError(f"no reply {status} within 30 s")


@pytest.mark.parametrize("victim", ["triton_python_backend_stub", "tritonserver"])
async def test_killed_backend_under_load(repository: Path, tmp_path: Path, victim: str) -> None:
    """After kill -9 of Triton or of its backend process request gets 200, or 503 in time, and soon 200 again."""
    with Serve(repository, tmp_path) as serve:
        await asyncio.to_thread(serve.says, "Scoring is ready")
        url, replies, done = f"http://127.0.0.1:{serve.ports['--port']}", list[httpx.Response](), asyncio.Event()
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            load = asyncio.gather(*(_ask_until(done, client, replies) for _ in range(CLIENTS)))
            await _until(replies, 200, 50)
            os.kill(serve.child(victim), signal.SIGKILL)
            first_refusal = await _until(replies, 503, 0)
            await _until(replies, 200, first_refusal)
            done.set()
            await load
        assert {reply.status_code for reply in replies} == {200, 503}
        refused = [reply for reply in replies if reply.status_code == 503]
        assert all(reply.headers["content-type"] == "application/problem+json" for reply in refused)
        assert all("retry-after" in reply.headers and reply.json()["detail"] for reply in refused)
        assert await asyncio.to_thread(serve.send, signal.SIGINT) == 0
        assert serve.left() == []
        assert shared_memory(tmp_path) == set()
