"""How long a request may take: what it asks for, within what the service allows."""

import re

from gateway.errors import InvalidFieldError

# As programs print numbers: "2", "2.4999873638153076", "1e-05". More digits than that are no time of day.
_SECONDS = re.compile(rb"\d{1,400}(\.\d{0,400})?(e[+-]?\d{1,3})?\Z", re.IGNORECASE)


def requested_seconds(header: bytes) -> float | None:
    """Read a Request-Timeout header: seconds as a decimal number; None where there is none.

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
