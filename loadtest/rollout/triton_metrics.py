"""How many questions a Triton has answered, by its own account."""

import asyncio
import re
from urllib.request import urlopen

from loadtest.errors import LoadTestError
from loadtest.faq.plan import MODEL

_ANSWERED = re.compile(rf'^nv_inference_request_success\{{[^}}]*model="{MODEL}"[^}}]*\}} (\d+)', re.MULTILINE)
_PATIENCE = 5.0  # seconds


async def answered(address: str, port: int) -> int:
    """Return the requests that a Triton has answered since its start. Raises LoadTestError."""
    return await asyncio.to_thread(_answered, f"http://{address}:{port}/metrics")


def _answered(url: str) -> int:
    try:
        with urlopen(url, timeout=_PATIENCE) as reply:  # noqa: S310 - of this machine
            found = _ANSWERED.findall(reply.read().decode())
    except OSError as error:
        raise LoadTestError(f"{url} cannot be read: {error}", "look at the log of that Triton") from None
    return sum(map(int, found))
