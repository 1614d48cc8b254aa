"""All checks, in the order in which `scoring doctor --list` shows them."""

from doctor.check import Check
from doctor.checks import (
    batching,
    config_file,
    engines,
    labels,
    tensorrt,
    tensors,
    version_files,
    version_proof,
    warmup,
)

_MODULES = (config_file, tensors, batching, engines, tensorrt, warmup, labels, version_files, version_proof)

CHECKS: list[Check] = [check for module in _MODULES for check in module.CHECKS]
