"""How good a published version is on questions that it has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 15  # of equal width, as in Guo et al., On Calibration of Modern Neural Networks, 2017

Floats = NDArray[Any]


@dataclass(frozen=True)
class Evaluation:
    """`accuracy[k - 1]` is the share of questions whose entry is among the k best; ranks start at 1.

    `calibration_error` is the expected calibration error of the best match's probability; `covered` the share of
    questions whose best match reaches the threshold, `precision` the share of those that are right.
    """

    n: int
    entries: int
    accuracy: list[float]
    mean_rank: float
    mean_reciprocal_rank: float
    calibration_error: float
    threshold: float
    covered: float
    precision: float
    reliability: list[tuple[float, float, int]]

    def summary(self) -> dict[str, float]:
        """The figures by the names that are printed and stored."""
        return {
            **{f"accuracy@{k}": round(self.accuracy[k - 1], 6) for k in (1, 2, 3) if k <= len(self.accuracy)},
            "mean_rank": round(self.mean_rank, 4),
            "mean_reciprocal_rank": round(self.mean_reciprocal_rank, 6),
            "expected_calibration_error": round(self.calibration_error, 6),
            "threshold": self.threshold,
            "covered": round(self.covered, 6),
            "precision_of_covered": round(self.precision, 6),
            "entries": self.entries,
            "n": self.n,
        }


def evaluate(probabilities: Floats, columns: Sequence[int], threshold: float, depth: int = 20) -> Evaluation:
    """Measure probabilities [n, entries] against the right column of each question."""
    right = np.asarray(columns)
    of_right = probabilities[np.arange(len(right)), right][:, None]
    ranks = 1 + (probabilities > of_right).sum(axis=1)
    best = probabilities.max(axis=1)
    hit = ranks == 1
    covered = best >= threshold
    bins = reliability(best, hit)
    return Evaluation(
        n=len(right),
        entries=probabilities.shape[1],
        accuracy=[float((ranks <= k).mean()) for k in range(1, min(depth, probabilities.shape[1]) + 1)],
        mean_rank=float(ranks.mean()),
        mean_reciprocal_rank=float((1 / ranks).mean()),
        calibration_error=sum(abs(stated - seen) * count for stated, seen, count in bins) / len(right),
        threshold=threshold,
        covered=float(covered.mean()),
        precision=float(hit[covered].mean()) if covered.any() else 0.0,
        reliability=bins,
    )


def reliability(stated: Floats, hit: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """For each bin that is not empty: mean stated probability, share that was right, number of questions."""
    index = np.minimum((stated * BINS).astype(int), BINS - 1)
    found = [index == i for i in range(BINS)]
    return [(float(stated[m].mean()), float(hit[m].mean()), int(m.sum())) for m in found if m.any()]
