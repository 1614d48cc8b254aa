"""What the schemas and the doctor say of one rendered overlay."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from doctor.examination import examine
from doctor.manifests import documents
from doctor.manifests.resource import Resource
from doctor.patient import Patient
from doctor.register import MANIFEST_CHECKS
from doctor.repository.model import models
from doctor.target import Processor, target
from k8s.render import kubernetes
from k8s.render.crds import Definitions
from k8s.render.finding import Finding


class Overlay:
    """A rendered overlay; `releases` are those of Kubernetes that it must fit, the oldest first."""

    def __init__(self, file: Path, releases: Sequence[str], definitions: Definitions | None) -> None:
        self._manifests = documents.read([file])
        self._releases = releases
        self._definitions = definitions

    @cached_property
    def own(self) -> list[Resource]:
        """Objects of Kubernetes' own groups."""
        return [each for each in self._manifests.resources if self._is_own(each)]

    @cached_property
    def custom(self) -> list[Resource]:
        """Custom resources whose definition is at hand."""
        return [each for each in self._manifests.resources if not self._is_own(each) and self._is_defined(each)]

    @cached_property
    def unknown(self) -> list[Resource]:
        """Custom resources that nobody can judge here."""
        return [each for each in self._manifests.resources if not self._is_own(each) and not self._is_defined(each)]

    @property
    def size(self) -> int:
        """How many objects there are."""
        return len(self._manifests.resources)

    def _is_defined(self, resource: Resource) -> bool:
        return self._definitions is not None and self._definitions.knows(resource)

    def _is_own(self, resource: Resource) -> bool:
        return any(kubernetes.release(version).knows(resource) for version in self._releases)

    def kubernetes_faults(self) -> Iterator[Finding]:
        """What the schemas of Kubernetes' releases find."""
        yield from kubernetes.faults(self.own, self._releases)

    def custom_faults(self) -> Iterator[Finding]:
        """What the schemas of custom resources find."""
        newest = kubernetes.release(self._releases[-1])
        if self._definitions:
            for each in self.custom:
                yield from self._definitions.faults(each, newest)

    def doctor_faults(self, repository: Path) -> Iterator[Finding]:
        """What the doctor finds, warnings too: what is meant is suppressed, with a reason."""
        # The target is for checks of models, which `scoring doctor` runs.
        patient = Patient(repository, models(repository), target(Processor.CPU, None), manifests=self._manifests)
        for each in examine(patient, MANIFEST_CHECKS).findings:
            yield Finding(each.where, "", each.problem, each.advice, each.check)
