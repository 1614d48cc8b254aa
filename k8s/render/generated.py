"""Committed files that programs of this package write: who writes which.

A generator is a module with `GENERATED: Mapping[str, Callable[[], str]]`: a path below k8s/ with slashes
("monitoring/dashboards/gateway.json"), and a function that returns the whole text of that file, the same each time. Its
name goes into GENERATORS; `scoring render` then writes the file, and `scoring render --check` fails where the committed
one differs.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Protocol, cast

GENERATORS = ("k8s.monitoring.grafana.generated", "k8s.monitoring.rules_generated")


class Generator(Protocol):
    """What such a module offers."""

    GENERATED: Mapping[str, Callable[[], str]]


def generated() -> dict[str, Callable[[], str]]:
    """Return what writes each generated file, by its path below k8s/. A path has one writer."""
    found: dict[str, Callable[[], str]] = {}
    for name in GENERATORS:
        module = cast("Generator", import_module(name))
        for path, write in module.GENERATED.items():
            if path in found:
                raise ValueError(f"{path} is written twice, the second time by {name}")
            found[path] = write
    return found
