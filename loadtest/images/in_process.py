"""The limits that no server can pass: an engine called in a loop on ready tensors, and decoding on one core."""

from collections.abc import Sequence
from itertools import cycle, islice

import numpy as np
from numpy.typing import NDArray

from loadtest.batches import batches
from loadtest.images.engines import Engine, Images
from loadtest.meter import Round, Span, timed_calls
from preprocessing.image import ImageLimits, ImageSpec, to_tensor

# The gateway's defaults; the pictures are far from them.
LIMITS = ImageLimits(max_bytes=10_485_760, max_pixels=52_000_000)

_DIFFERENT = 64  # images in all batches together: what they show makes no difference to an engine


def closed_loop(engine: Engine, images: Images, *, batch: int, span: Span) -> Round:
    """Run batches of `images` [N, height, width, 3] one after the other, on all cores."""
    answer = engine.answer()
    feeds = [np.stack(chosen) for chosen in islice(batches(list(images), batch), max(1, _DIFFERENT // batch))]
    return timed_calls(answer, cycle(feeds), span)


def decoding_loop(pictures: Sequence[bytes], spec: ImageSpec, *, span: Span) -> Round:
    """Decode files one after the other on one core."""
    return timed_calls(lambda picture: to_tensor(picture, spec, LIMITS), cycle(pictures), span)


def tensors(pictures: Sequence[bytes], spec: ImageSpec) -> Images:
    """Return the decoded pictures: uint8 [N, crop, crop, 3]."""
    return np.stack([to_tensor(picture, spec, LIMITS) for picture in pictures])


def probabilities(engine: Engine, images: Images) -> NDArray[np.float32]:
    """Return each image's probabilities [N, 1000], asked one by one."""
    answer = engine.answer()
    return np.concatenate([answer(images[place : place + 1]) for place in range(len(images))])
