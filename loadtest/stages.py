"""Which stage of the gateway a sampled stack belongs to."""

from collections import Counter
from collections.abc import Mapping

IDLE = "idle"

# Looked for in each frame, from the innermost outwards: the first mark that is found names the stage. Of two marks in
# one frame, the upper one counts. Compiled code shows up as the Python frame that called it.
_STAGES = {
    "_worker (concurrent/futures/": IDLE,  # a pool's thread without work
    "preprocessing/text.py": "canonical text",
    "preprocessing/image/": "decoding images",
    "gateway/triton/": "messages to and from Triton (protobuf, numpy)",
    "grpc/": "gRPC library",
    "gateway/batcher.py": "merging into calls",
    "gateway/catalog.py": "limits and catalog",
    "gateway/image_catalog.py": "limits and catalog",
    "gateway/image_service.py": "limits and catalog",
    "gateway/questions.py": "limits and catalog",
    "gateway/service.py": "limits and catalog",
    "gateway/transport.py": "socket writes",
    "gateway/": "requests and replies (JSON, protobuf)",
    "uvicorn/": "HTTP parsing, uvicorn",
    "asyncio/": "event loop and its callbacks (sockets, gRPC)",
    "Thread.run (threading.py": "gRPC library",  # its poller, compiled all the way down
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
