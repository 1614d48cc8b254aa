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
_MODULES: tuple[Any, ...] = (*_OF_MODELS, gateway, *_OF_MANIFESTS)

CHECKS: list[Check] = [check for module in _MODULES for check in module.CHECKS]
