"""Looking into nested data that may have any shape: what is not as expected counts as missing."""

import re
from collections.abc import Mapping
from typing import Any

_BINARY = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "m": 1e-3, "n": 1e-9, "u": 1e-6}
_UNITS = {**_BINARY, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50}
_QUANTITY = re.compile(r"(\d{1,20}(?:\.\d{0,20})?(?:e\d{1,2})?)([a-zA-Z]{0,2})")


def at(value: Any, *path: str) -> Any:
    """What lies at a path of keys; None where there is nothing."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def mapping(value: Any, *path: str) -> dict[str, Any]:
    """A mapping at a path, its keys as text; empty where there is none."""
    found = at(value, *path)
    return {str(key): each for key, each in found.items()} if isinstance(found, Mapping) else {}


def mappings(value: Any, *path: str) -> list[dict[str, Any]]:
    """The mappings of a list at a path."""
    found = at(value, *path)
    return [mapping(each) for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def text(value: Any, *path: str) -> str:
    """A text or number at a path, as text; empty where there is none."""
    found = at(value, *path)
    return str(found) if isinstance(found, str | int | float) else ""


def texts(value: Any, *path: str) -> list[str]:
    """The texts and numbers of a list at a path."""
    found = at(value, *path)
    return [str(each) for each in found if isinstance(each, str | int | float)] if isinstance(found, list) else []


def number(value: Any, *path: str) -> float | None:
    """A finite number at a path; None where there is none."""
    found = at(value, *path)
    # An int may have any size, and NaN compares with nothing.
    return float(found) if isinstance(found, int | float) and abs(found) < 2**63 else None


def quantity(value: Any) -> float | None:
    """A Kubernetes quantity (500m, 2, 4Gi) as a number; None for what is none."""
    found = _QUANTITY.fullmatch(text(value))
    if found is None or found[2] not in _UNITS:
        return None
    return float(found[1]) * _UNITS[found[2]]
