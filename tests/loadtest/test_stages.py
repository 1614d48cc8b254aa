"""Stacks to stages."""

import pytest

from loadtest.stages import IDLE, by_stage, stage


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        ("run (asyncio/runners.py:1);uv_run (core.c:4);epoll_pwait (libc.so.6)", IDLE),
        ("run_forever (loop.c:1);match (gateway/service.py:6);canonical (preprocessing/text.py:4);sre (libpython)",
         "canonical text"),
        ("_call (gateway/batcher.py:1);rank (gateway/triton.py:9);ToList (numpy.so)",
         "messages to and from Triton (protobuf, numpy)"),
        ("rank (gateway/triton.py:9);__call__ (grpc/aio/_channel.py:1);malloc (libc.so.6)", "gRPC library"),
        ("uv_run (core.c:4);uv__read (stream.c:1);read (libc.so.6)", "socket reads"),
        ("uv__read (stream.c:1);data_received (uvicorn/protocols/http/httptools_impl.py:1);llhttp__run (llhttp.c:1)",
         "HTTP parsing, uvicorn"),
        ("main (somewhere.c:1)", "other"),
    ],
)  # fmt: skip
def test_innermost_known_frame_names_the_stage(stack: str, expected: str) -> None:
    """Work in a library belongs to the part of the gateway that asked for it."""
    assert stage(stack) == expected


def test_samples_are_added_up() -> None:
    """Each sample is counted in one stage."""
    stacks = {"a (preprocessing/text.py:1)": 2, "b (preprocessing/text.py:9);c (libpython)": 3, "epoll_wait (libc)": 7}
    assert by_stage(stacks) == {"canonical text": 5, IDLE: 7}
