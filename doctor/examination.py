"""From paths and names to findings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from doctor.check import Check
from doctor.finding import Finding, Severity
from doctor.manifests import documents
from doctor.patient import Patient
from doctor.repository.model import models
from doctor.target import Target


class DoctorError(Exception):
    """Nothing can be examined; `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Diagnosis:
    """What was found, errors of a file first, and how much was looked at."""

    findings: Sequence[Finding]
    looked_at: Mapping[str, int]
    skipped: Sequence[str]

    def count(self, severity: Severity) -> int:
        """How many findings are of a severity."""
        return sum(each.severity is severity for each in self.findings)

    def healthy(self, *, strict: bool) -> bool:
        """Whether there are no errors; with `strict`, no warnings either."""
        return not (self.findings if strict else self.count(Severity.ERROR))


def admit(
    repository: Path, manifests: Sequence[Path], target: Target, config_name: str | None, environ: Mapping[str, str]
) -> Patient:
    """Read all that is to be examined. Raises DoctorError for a path that is not there."""
    if not repository.is_dir():
        raise DoctorError(f"the model repository {repository} is not a folder", "name it with --model-repository DIR")
    for path in manifests:
        if path != documents.STDIN and not path.exists():
            raise DoctorError(f"there are no manifests at {path}", "render them: kubectl kustomize FOLDER > FILE")
    found = documents.read(manifests) if manifests else None
    return Patient(repository, models(repository), target, config_name, environ, found)


def examine(patient: Patient, checks: Iterable[Check]) -> Diagnosis:
    """Run the checks."""
    applied = list(checks)
    findings = [finding for check in applied for finding in check.find(patient)]
    findings.sort(key=lambda each: (each.file, each.severity is not Severity.ERROR, each.where))
    looked_at = {
        "checks": len(applied),
        "models": len(patient.models),
        "configs": len(patient.all_configs),
        "versions": len(patient.versions),
        "manifests": len(patient.manifests.resources) if patient.manifests else 0,
    }
    skipped = [] if patient.manifests else ["Kubernetes manifests: none were given with --manifests"]
    return Diagnosis(findings, looked_at, skipped)
