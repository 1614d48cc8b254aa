"""What a lower precision changes: the same pictures through both files, the answers compared."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from converters.errors import ParityError
from converters.image.core import Floats
from converters.image.image_folder import NO_CLASS, Photos
from converters.image.parity import BATCHES, TOP, best
from converters.image.session import BATCH

Pixels = NDArray[np.uint8]
Run = Callable[[Pixels], Floats]


@dataclass(frozen=True)
class Agreement:
    """Of `pictures` pictures: the share with the same best class, and the share of FP32's five best still among them.

    `accuracy` (top-1 and top-5 of both files, on the `labelled` pictures) is there when folders are named after wnids.
    """

    precision: str
    pictures: int
    top_1: float
    top_5: float
    largest_probability_difference: float
    labelled: int
    accuracy: dict[str, dict[str, float]] | None


def measure(
    precision: str,
    fp32: Run,
    reduced: Run,
    photos: Photos,
    track: Callable[[Sequence[Pixels]], Iterable[Pixels]] = iter,
) -> Agreement:
    """Run both files on all pictures, in batches of several sizes; an answer that is no number has no class."""
    answers = [(fp32(batch), reduced(batch)) for batch in track(_batches(photos.pixels))]
    wanted, found = (np.concatenate(side) for side in zip(*answers, strict=True))
    numbers = np.isfinite(found).all(axis=1)
    labelled = photos.classes != NO_CLASS
    return Agreement(
        precision,
        len(photos.pixels),
        top_1=float(((best(wanted, 1) == best(found, 1))[:, 0] & numbers).mean()),
        top_5=float(np.mean([len(set(a) & set(b)) / TOP for a, b in zip(best(wanted), best(found), strict=True)])),
        largest_probability_difference=float(np.abs(wanted - found).max()),
        labelled=int(labelled.sum()),
        accuracy={
            name: _accuracy(answer[labelled], photos.classes[labelled])
            for name, answer in (("fp32", wanted), (precision, found))
        }
        if labelled.any()
        else None,
    )


def _batches(pixels: Pixels) -> list[Pixels]:
    """A batch of each size, then full ones."""
    sizes = chain([size for size in BATCHES if size < BATCH], repeat(BATCH))
    starts = [0]
    while starts[-1] < len(pixels):
        starts.append(starts[-1] + next(sizes))
    return [pixels[start:end] for start, end in pairwise(starts)]


def refuse_below(agreement: Agreement, least: float) -> None:
    """Raise ParityError when fewer pictures than the share `least` keep their best class, or any answer is none."""
    if not agreement.top_1 >= least or not agreement.largest_probability_difference <= 1:
        raise ParityError(
            f"{agreement.precision} names the same best class as fp32 for {agreement.top_1:.4f} of"
            f" {agreement.pictures} pictures, and at least {least:g} are asked for (--least-agreement)",
            hint="nothing was published; give more pictures like those to be classified, another precision, a lower"
            " --least-agreement, or --force",
        )


def _accuracy(answers: Floats, classes: NDArray[np.int64]) -> dict[str, Any]:
    hits = best(answers) == classes[:, None]
    return {"top_1": float(hits[:, 0].mean()), "top_5": float(hits.any(axis=1).mean())}
