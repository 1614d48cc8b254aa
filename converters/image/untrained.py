"""Random weights that behave: what the frameworks share when there are no trained ones. For load tests only.

A deep network with random weights as they come gives nearly the same answer to every picture, or overflows. Here each
batch norm learns the statistics of made-up pictures, as training would have taught it; the last one of a residual block
has a small scale (Goyal et al., "Accurate, Large Minibatch SGD", 2017, start with 0), so that 50 blocks add up gently;
and the classifier's logits are centred and scaled on the same pictures.
"""

import numpy as np

from converters.image.core import Floats

BRANCH_SCALE = 0.1  # of the last batch norm in a block; 0.2 triples the error of bfloat16, 0.05 blurs the classes
PICTURES, PICTURES_SEED = 32, 1
LOGIT_DEVIATION = 2.0  # among a picture's classes: the best of 1,000 then gets some percent, up to half


def spread(features: Floats, kernel: Floats) -> tuple[Floats, Floats]:
    """Scale a random classifier's kernel [features, classes] and find its bias [classes], given features [n, features].

    The mean picture's logits become 0, and the deviation of a typical picture's logits `LOGIT_DEVIATION`. Without this
    the part that all pictures have in common would decide, and one class would always win.
    """
    mean = features.mean(axis=0)
    deviation = np.median(((features - mean) @ kernel).std(axis=1))
    scaled = kernel * np.float32(LOGIT_DEVIATION / deviation)
    return scaled, -(mean @ scaled)
