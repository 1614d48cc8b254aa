"""All checks, in the order in which `scoring doctor --list` shows them."""

from typing import Any

from doctor.check import Check
from doctor.checks import (
    batching,
    budgets,
    config_file,
    engines,
    gateway,
    gateway_pods,
    labels,
    manifest_files,
    metrics,
    model_volumes,
    network,
    placement,
    pods,
    probes,
    references,
    resources,
    routes,
    scaling,
    services,
    shutdown,
    tensorrt,
    tensors,
    triton_addresses,
    triton_apis,
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
_OF_MANIFESTS = (
    manifest_files,
    gateway_pods,
    triton_pods,
    triton_apis,
    triton_addresses,
    model_volumes,
    network,
    routes,
    metrics,
    resources,
    probes,
    shutdown,
    pods,
    references,
    services,
    scaling,
    budgets,
    placement,
)


def _checks(*modules: Any) -> list[Check]:
    return [check for module in modules for check in module.CHECKS]


MANIFEST_CHECKS = _checks(*_OF_MANIFESTS)
CHECKS = [*_checks(*_OF_MODELS, gateway), *MANIFEST_CHECKS]
