"""The frame of a service's proof that it answers: one deadline, and one error whatever goes wrong."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.errors import NotReadyError, ScoringError, internal_fault


@asynccontextmanager
async def proving(golden: str, seconds: float) -> AsyncIterator[None]:
    """Raise NotReadyError for any error within, and when `seconds` are over; `golden` names the request."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise NotReadyError(f"The golden {golden} was not answered within {seconds:g} s.") from None
    except ScoringError as error:
        raise NotReadyError(error.detail) from None
    except Exception as error:  # noqa: BLE001 - whatever it is, the service is not ready
        raise NotReadyError(internal_fault(error, "readiness").detail) from None
