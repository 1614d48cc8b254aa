"""How long a request may take: what it asks for, within what the service allows."""

import re

from gateway.errors import InvalidFieldError

_SECONDS = re.compile(rb"\d{1,9}(\.\d{1,9})?\Z")


def requested_seconds(header: bytes) -> float | None:
    """Read a Request-Timeout header: seconds, whole or with a decimal point; None where there is none.

    Raises InvalidFieldError for anything else, and for no time at all.
    """
    if not header:
        return None
    seconds = float(header) if _SECONDS.match(header) else 0.0
    if seconds <= 0:
        raise InvalidFieldError(
            "Request-Timeout must be a number of seconds above 0, such as 2.5.", field="request-timeout", limit="> 0"
        )
    return seconds
