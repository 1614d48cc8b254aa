"""Findings that are meant that way, each with its reason; one that suppresses nothing is itself a finding."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import yaml

from doctor.files import UnreadableError, read_text
from doctor.tree import mappings, text
from k8s.render.errors import RenderError
from k8s.render.finding import Finding, Result

FILE = "policies/suppressions.yaml"
_KEYS = {"rule", "where", "reason"}
_LARGEST = 1 << 20  # bytes
_SHORTEST = 20  # characters of a reason


class Suppression(NamedTuple):
    """A rule, the places where it does not count ("aks/Deployment/gateway"; * is anything), and why."""

    rule: str
    where: str
    reason: str

    def covers(self, row: str, finding: Finding) -> bool:
        """Whether a finding is meant."""
        return finding.rule == self.rule and fnmatchcase(f"{row}/{finding.object}", self.where)


def read(folder: Path) -> list[Suppression]:
    """Read those of a folder `k8s`. Raises RenderError for one without a rule, a place or a reason."""
    path = folder / FILE
    try:
        content = yaml.safe_load(read_text(path, _LARGEST))
    except (UnreadableError, yaml.YAMLError) as error:
        raise RenderError(f"{path}: {error}", "it holds the list `suppressions`") from None
    found = mappings(content, "suppressions")
    for number, each in enumerate(found, 1):
        if set(each) != _KEYS or not all(text(each, key) for key in _KEYS) or len(text(each, "reason")) < _SHORTEST:
            raise RenderError(
                f"{path}: suppression {number} ({text(each, 'rule') or 'no rule'}) says too little",
                f"each has rule, where and a reason of {_SHORTEST} characters or more",
            )
    return [Suppression(text(each, "rule"), text(each, "where"), text(each, "reason")) for each in found]


def apply(suppressions: Sequence[Suppression], results: Sequence[Result]) -> tuple[list[Result], list[Suppression]]:
    """Return the results without what is meant, and the suppressions that were of no use."""
    used: set[Suppression] = set()

    def counts(row: str, finding: Finding) -> bool:
        covering = [each for each in suppressions if each.covers(row, finding)]
        used.update(covering)
        return not covering

    left = [_with(each, [finding for finding in each.findings if counts(each.row, finding)]) for each in results]
    return left, [each for each in suppressions if each not in used]


def _with(result: Result, findings: list[Finding]) -> Result:
    return Result(result.row, result.column, result.looked_at, findings, result.seconds)


def useless(suppressions: Sequence[Suppression]) -> Iterator[Finding]:
    """Say of each that it suppresses nothing."""
    for each in suppressions:
        yield Finding(FILE, "", f"nothing at {each.where} breaks {each.rule} any more", "take the suppression out")
