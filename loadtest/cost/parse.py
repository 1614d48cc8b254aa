"""What the command's options say: shares, loads, rates of GPUs."""

import re
from collections.abc import Mapping, Sequence

from loadtest.cost.costs import ANY
from loadtest.errors import LoadTestError

_NUMBER = r"(?P<number>\d+(?:\.\d+)?)"
_LOAD = re.compile(_NUMBER + r"(?P<scale>[kM]?)(?:/(?P<unit>s|min|h|day))?")
_SCALES = {"": 1.0, "k": 1e3, "M": 1e6}
_SECONDS = {None: 1, "s": 1, "min": 60, "h": 3600, "day": 86400}


def share(text: str) -> float:
    """Read "60%" or "0.6". Raises LoadTestError unless it is above 0 and at most 1."""
    found = re.fullmatch(_NUMBER + "(?P<percent>%?)", text.strip())
    value = float(found["number"]) / (100 if found["percent"] else 1) if found else 0.0
    if not 0 < value <= 1:
        raise LoadTestError(f"{text!r} is no share above 0% and up to 100%", "write it as 60% or 0.6")
    return value


def per_second(text: str) -> float:
    """Read a rate, "500", "2k/s" or "40M/day", as items/s. Raises LoadTestError unless it is above 0."""
    found = _LOAD.fullmatch(text.strip())
    value = float(found["number"]) * _SCALES[found["scale"]] / _SECONDS[found["unit"]] if found else 0.0
    if value <= 0:
        raise LoadTestError(f"{text!r} is no rate above 0", "write it as 500/s, 2k/s, 30k/h or 40M/day")
    return value


def named(texts: Sequence[str], names: Sequence[str], what: str) -> Mapping[str, float]:
    """Read rates that may have a name before them, "T4=400"; those without hold for ANY. Raises LoadTestError."""
    found = {}
    for text in texts:
        name, separator, rate = text.rpartition("=")
        if separator and name not in names:
            raise LoadTestError(f"{text}: there is no {what} {name!r}", f"known here: {', '.join(names) or 'none'}")
        found[name if separator else ANY] = per_second(rate)
    return found
