"""What no network may have for weights, whatever the framework."""

import numpy as np

from converters.errors import WeightsError
from converters.image.core import Floats

WHAT_WEIGHTS_ARE = "weights are a file that you may read, an https URL, imagenet or untrained"


def check_values(values: Floats, name: str, source: str) -> None:
    """Raise WeightsError, naming tensor and file, for NaN, infinity, and a batch norm's variance below zero."""
    if bad := int((~np.isfinite(values)).sum()):
        raise WeightsError(
            f"{source}: {name} holds {bad:,} values that are NaN, infinite or too large for FP32",
            hint="the training diverged or the file is damaged; use an earlier checkpoint",
        )
    if name.endswith(("running_var", "moving_variance")) and (values < 0).any():
        raise WeightsError(f"{source}: {name} holds a variance below zero", hint="the file is damaged; fetch it again")
