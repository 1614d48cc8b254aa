"""The rules of k8s/monitoring/rules, which are written as Prometheus reads them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

FOLDER = Path(__file__).parent / "rules"

Rule = dict[str, Any]


class Group(NamedTuple):
    """Rules that are evaluated one after the other; the description is the first line of their file."""

    name: str
    description: str
    interval: str
    rules: list[Rule]


def groups() -> list[Group]:
    """Return the groups of all files, by the files' names."""
    return [group for path in sorted(FOLDER.glob("*.yaml")) for group in _groups(path.read_text(encoding="utf-8"))]


def alerts() -> list[Rule]:
    """Return all rules that alert."""
    return [rule for group in groups() for rule in group.rules if "alert" in rule]


def _groups(content: str) -> Iterator[Group]:
    description = content.partition("\n")[0].removeprefix("#").strip()
    for group in yaml.safe_load(content)["groups"]:
        yield Group(group["name"], description, group["interval"], group["rules"])
