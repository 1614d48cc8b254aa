"""All checks, in the order in which `scoring doctor --list` shows them."""

from typing import Any

from doctor.check import Check
from doctor.checks import (
    batching,
    config_file,
    engines,
    gateway,
    gateway_pods,
    labels,
    manifest_files,
    pods,
    probes,
    resources,
    scaling,
    services,
    shutdown,
    tensorrt,
    tensors,
    triton_pods,
    version_answers,
    version_files,
    version_proof,
    warmup,
)

_OF_MODELS = (
    config_file,
    tensors,
    batching,
    engines,
    tensorrt,
    warmup,
    labels,
    version_files,
    version_proof,
    version_answers,
)
_OF_MANIFESTS = (manifest_files, gateway_pods, triton_pods, resources, probes, shutdown, pods, services, scaling)


def _checks(*modules: Any) -> list[Check]:
    return [check for module in modules for check in module.CHECKS]


MANIFEST_CHECKS = _checks(*_OF_MANIFESTS)
CHECKS = [*_checks(*_OF_MODELS, gateway), *MANIFEST_CHECKS]
