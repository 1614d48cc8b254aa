"""Trying again for a bounded time what may work a moment later."""

import time
from collections.abc import Callable
from typing import TypeVar

from registry.console import say
from registry.errors import RegistryError
from registry.follow import backoff

T = TypeVar("T")


def persistently(attempt: Callable[[], T], seconds: float) -> T:
    """Return what `attempt` returns, trying again for so long if its error may pass. Raises the last RegistryError."""
    deadline, failures = time.monotonic() + seconds, 0
    while True:
        try:
            return attempt()
        except RegistryError as error:
            wait, left = backoff(failures), deadline - time.monotonic()
            if not error.passing or left <= 0:
                raise
            wait = min(wait, left)
            say(f"{error}\n  {error.hint}\n  again in {wait:.1f} s, for {left:.0f} s more")
        time.sleep(wait)
        failures += 1
