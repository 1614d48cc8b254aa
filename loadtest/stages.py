"""Which stage of the gateway a sampled stack belongs to."""

from collections import Counter
from collections.abc import Mapping

IDLE = "idle"

# Looked for in each frame, from the innermost outwards: the first mark that is found names the stage. The order
# within this table matters only for frames that hold two of the marks.
_STAGES = {
    "epoll_wait": IDLE,
    "epoll_pwait": IDLE,
    "PyThread_acquire_lock_timed": IDLE,
    "preprocessing/text.py": "canonical text",
    "gateway/triton.py": "messages to and from Triton (protobuf, numpy)",
    "grpc/": "gRPC library",
    "gateway/batcher.py": "merging into calls",
    "gateway/catalog.py": "limits and catalog",
    "gateway/questions.py": "limits and catalog",
    "gateway/service.py": "limits and catalog",
    "gateway/transport.py": "socket writes",
    "uv__read": "socket reads",
    "gateway/": "requests and replies (JSON, protobuf)",
    "uvicorn/": "HTTP parsing, uvicorn",
    "llhttp": "HTTP parsing, uvicorn",
    "(parser.c": "HTTP parsing, uvicorn",
    "(_asynciomodule.c": "tasks and event loop",
    "asyncio/": "tasks and event loop",
    "(loop.c": "tasks and event loop",
    "uv_run": "tasks and event loop",
}
_OTHER = "other"


def by_stage(stacks: Mapping[str, int]) -> Counter[str]:
    """Add up samples by stage; a stack is its frames, outermost first, joined by semicolons."""
    stages: Counter[str] = Counter()
    for stack, count in stacks.items():
        stages[stage(stack)] += count
    return stages


def stage(stack: str) -> str:
    """Return the stage of one stack."""
    for frame in reversed(stack.split(";")):
        for mark, name in _STAGES.items():
            if mark in frame:
                return name
    return _OTHER
