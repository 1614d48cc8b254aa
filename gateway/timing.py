"""Where the time of a request went."""

from typing import NamedTuple


class Timing(NamedTuple):
    """Where the time of a call went: seconds in the queue, seconds in Triton, questions or images in the call."""

    wait: float
    infer: float
    batch: int


def server_timing(decode: float, timing: Timing) -> str:
    """Return the times as the value of a Server-Timing header, durations in milliseconds.

    `decode` is the time in seconds from the request's arrival until it was ready for the model.
    """
    wait, infer, batch = timing
    times = f"decode;dur={decode * 1e3:.3f}, wait;dur={wait * 1e3:.3f}, infer;dur={infer * 1e3:.3f}"
    return f'{times}, batch;desc="{batch}"'
