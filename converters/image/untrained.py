"""Random weights that behave: what the frameworks share when there are no trained ones. For load tests only.

A deep network with random weights as they come gives nearly the same answer to every picture, or overflows. Here each
batch norm learns the statistics of made-up pictures, as training would have taught it; the last one of a residual block
has a small scale (Goyal et al., "Accurate, Large Minibatch SGD", 2017, start with 0), so that 50 blocks add up gently;
and the classifier looks at what differs most among the same pictures.
"""

import numpy as np

from converters.image.core import Floats

BRANCH_SCALE = 0.1  # of the last batch norm in a block; 0.2 triples the error of bfloat16, 0.05 blurs the classes
PICTURES, PICTURES_SEED = 32, 1
DIRECTIONS = 16  # in which the classifier looks; all 2,048 triple the error of bfloat16, 4 leave too few classes
LOGIT_DEVIATION = 2.0  # among a picture's classes: the best of 1,000 then gets some percent, up to half


def spread(features: Floats, kernel: Floats) -> tuple[Floats, Floats]:
    """Turn a random kernel [features, classes] towards some features [n, features]; returns it and a bias [classes].

    Each of the features' principal directions counts alike, the others not at all: rounding errors lie mostly there.
    The mean picture's logits become 0, since what all pictures have in common would else decide for one class always;
    the deviation of a typical picture's logits becomes `LOGIT_DEVIATION`.
    """
    mean = features.mean(axis=0)
    _, deviations, directions = np.linalg.svd(features - mean, full_matrices=False)
    looked_at = directions[:DIRECTIONS] / np.sqrt(deviations[:DIRECTIONS, None])
    turned = looked_at.T @ (looked_at @ kernel)
    turned *= LOGIT_DEVIATION / np.median(((features - mean) @ turned).std(axis=1))
    return turned.astype(np.float32), -(mean @ turned).astype(np.float32)
