"""What is wrong, and where it belongs in the table: the row is a subject, the column a check."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Column(StrEnum):
    """The checks, in the order in which the table shows them."""

    FILES = "files"
    KUBERNETES = "Kubernetes"
    CUSTOM = "custom resources"
    POLICIES = "policies"
    DOCTOR = "doctor"


class Finding(NamedTuple):
    """A fault: `rule` is the id that a suppression names, `field` the place in the object; both may be empty."""

    object: str
    field: str
    problem: str
    advice: str
    rule: str = ""


@dataclass(frozen=True)
class Result:
    """What one check said of one subject: an overlay, or files of one sort. Time in seconds."""

    row: str
    column: Column
    looked_at: int
    findings: Sequence[Finding]
    seconds: float
