"""The trace that a request belongs to (W3C Trace Context, https://www.w3.org/TR/trace-context/)."""

import random
from typing import NamedTuple


def random_bytes(size: int) -> bytes:
    """Return what ids are made of: unlike others, not secret; the kernel's randomness would cost microseconds."""
    return random.randbytes(size)  # noqa: S311  seeded by the kernel, in every process anew


class Trace(NamedTuple):
    """One span of a trace: 16 and 8 bytes of id, the span it is part of, and whether it is recorded."""

    trace_id: bytes
    span_id: bytes
    parent_id: bytes  # empty where the trace begins here
    sampled: bool

    def header(self) -> str:
        """Return the value of a `traceparent` header that makes the receiver's work part of this span."""
        return f"00-{self.trace_id.hex()}-{self.span_id.hex()}-{'01' if self.sampled else '00'}"

    def child(self) -> "Trace":
        """Return a new span within this one."""
        return Trace(self.trace_id, random_bytes(8), self.span_id, self.sampled)
