"""Stacks to stages."""

import pytest

from loadtest.stages import IDLE, by_stage, stage


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        ("Thread.run (threading.py:9);_worker (concurrent/futures/thread.py:81)", IDLE),
        ("Thread._bootstrap (threading.py:1);Thread.run (threading.py:982)", "gRPC library"),
        ("Runner.run (asyncio/runners.py:118)", "event loop and its callbacks (sockets, gRPC)"),
        ("run (asyncio/runners.py:1);match (gateway/service.py:6);canonical (preprocessing/text.py:4)",
         "canonical text"),
        ("_call (gateway/batcher.py:1);rank (gateway/triton/faq.py:9);__exit__ (contextlib.py:144)",
         "messages to and from Triton (protobuf, numpy)"),
        ("rank (gateway/triton/faq.py:9);__call__ (grpc/aio/_channel.py:1)", "gRPC library"),
        ("data_received (uvicorn/protocols/http/httptools_impl.py:1)", "HTTP parsing, uvicorn"),
        ("_worker (concurrent/futures/thread.py:81);to_tensor (preprocessing/image/__init__.py:9);load (PIL/x.py:1)",
         "decoding images"),
        ("main (somewhere.py:1)", "other"),
    ],
)  # fmt: skip
def test_innermost_known_frame_names_the_stage(stack: str, expected: str) -> None:
    """Work in a library belongs to the part of the gateway that asked for it."""
    assert stage(stack) == expected


def test_samples_are_added_up() -> None:
    """Each sample is counted in one stage."""
    stacks = {"a (preprocessing/text.py:1)": 2, "b (preprocessing/text.py:9);c (enum.py:1)": 3, "main (x.py:1)": 7}
    assert by_stage(stacks) == {"canonical text": 5, "other": 7}
