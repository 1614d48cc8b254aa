"""A check: a stable id, a sentence, and a function that looks for one kind of fault."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from doctor.finding import Fault, Finding, located
from doctor.manifests.containers import Container
from doctor.manifests.documents import Manifests
from doctor.manifests.resource import Resource
from doctor.manifests.workloads import Workload
from doctor.patient import Patient
from doctor.repository.model import Config, Model, Version


class Check(NamedTuple):
    """`sentence` says what is right; `find` says where it is not."""

    id: str
    sentence: str
    find: Callable[[Patient], Iterator[Finding]]


Decorator = Callable[[Callable[..., Iterable[Fault]]], Check]


def config_check(name: str, sentence: str) -> Decorator:
    """Make a check of a function that looks at one readable config (config, patient)."""

    def decorate(look: Callable[[Config, Patient], Iterable[Fault]]) -> Check:
        def find(patient: Patient) -> Iterator[Finding]:
            for config in patient.configs:
                for fault in look(config, patient):
                    yield located(name, config.path, f"model {config.model.name}", fault)

        return Check(name, sentence, find)

    return decorate


def version_check(name: str, sentence: str) -> Decorator:
    """Make a check of a function that looks at one version (version, patient)."""

    def decorate(look: Callable[[Version, Patient], Iterable[Fault]]) -> Check:
        def find(patient: Patient) -> Iterator[Finding]:
            for version in patient.versions:
                for fault in look(version, patient):
                    yield located(name, version.folder, f"model {version.model.name}, version {version.number}", fault)

        return Check(name, sentence, find)

    return decorate


def model_check(name: str, sentence: str) -> Decorator:
    """Make a check of a function that looks at one model's folder (model, patient)."""

    def decorate(look: Callable[[Model, Patient], Iterable[Fault]]) -> Check:
        def find(patient: Patient) -> Iterator[Finding]:
            for model in patient.models:
                for fault in look(model, patient):
                    yield located(name, model.folder, f"model {model.name}", fault)

        return Check(name, sentence, find)

    return decorate


def environment_check(name: str, sentence: str) -> Decorator:
    """Make a check of a function that looks at the gateway's environment (patient)."""

    def decorate(look: Callable[[Patient], Iterable[Fault]]) -> Check:
        def find(patient: Patient) -> Iterator[Finding]:
            return (located(name, ENVIRONMENT, "", fault) for fault in look(patient))

        return Check(name, sentence, find)

    return decorate


def resource_check(name: str, sentence: str, *kinds: str) -> Decorator:
    """Make a check of a function that looks at one Kubernetes object of some kinds (resource, manifests)."""

    def decorate(look: Callable[[Resource, Manifests], Iterable[Fault]]) -> Check:
        def find(patient: Patient) -> Iterator[Finding]:
            manifests = patient.manifests or Manifests((), ())
            for resource in manifests.of(*kinds):
                for fault in look(resource, manifests):
                    yield located(name, resource.file, str(resource), fault)

        return Check(name, sentence, find)

    return decorate


def workload_check(name: str, sentence: str) -> Decorator:
    """Make a check of a function that looks at one Deployment or the like (workload, patient)."""

    def decorate(look: Callable[[Workload, Patient], Iterable[Fault]]) -> Check:
        def find(patient: Patient) -> Iterator[Finding]:
            for workload in patient.manifests.workloads if patient.manifests else ():
                for fault in look(workload, patient):
                    yield located(name, workload.file, str(workload), fault)

        return Check(name, sentence, find)

    return decorate


def container_check(name: str, sentence: str, *, first: bool = False) -> Decorator:
    """Make a check of a function that looks at one container (container, patient), with `first` also an initial one."""

    def decorate(look: Callable[[Container, Patient], Iterable[Fault]]) -> Check:
        def find(patient: Patient) -> Iterator[Finding]:
            for workload in patient.manifests.workloads if patient.manifests else ():
                for container in [*(workload.first if first else ()), *workload.containers]:
                    for fault in look(container, patient):
                        yield located(name, workload.file, f"{workload}, container {container.name}", fault)

        return Check(name, sentence, find)

    return decorate


ENVIRONMENT = "environment of the gateway"
