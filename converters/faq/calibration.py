"""Calibration: from scores to probabilities that may be read as such, "no entry matches" included."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.base import clone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from converters.faq.matcher import FaqMatcher

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Mask = NDArray[np.bool_]

NONE = -1  # the label of a held-out question whose entry the model was not shown
UNKNOWN_SHARE = 0.05  # how much of the traffic is taken to ask for something that the FAQ does not hold


@dataclass(frozen=True)
class Calibration:
    """`scale` sharpens the scores, `none` is the score of "no entry"; defaults stand where nothing can be held out."""

    scale: float = 1.0
    none: float = 3.0

    def probabilities(self, scores: Floats) -> Floats:
        """Scores float64 [n, entries] to probabilities of the same shape; rows sum to less than 1."""
        return np.asarray(softmax(self._logits(scores), axis=1)[:, :-1])

    def log_loss(self, scores: Floats, labels: Labels, weights: Floats) -> float:
        """Weighted mean of -log p of the right column, the last one for `NONE`."""
        chosen = log_softmax(self._logits(scores), axis=1)[np.arange(len(labels)), labels]
        return float(-(chosen * weights).sum() / weights.sum())

    def _logits(self, scores: Floats) -> Floats:
        return np.hstack([self.scale * scores, np.full((len(scores), 1), self.none)])


def calibrate(matcher: "FaqMatcher", texts: "Sequence[str]", y: Labels, asked: Mask, folds: int) -> Calibration:
    """Fit scale and none on questions held out of `folds` refits: some of each entry's, and all of some entries'."""
    held = [_held_out(matcher, texts, y, asked, fold) for fold in range(folds)]
    scored = [part for part in held if part is not None]
    if not scored:
        return Calibration()

    def loss(parameters: Floats) -> float:
        calibration = Calibration(float(np.exp(parameters[0])), float(parameters[1]))
        return float(np.mean([calibration.log_loss(*part) for part in scored]))

    best = minimize(loss, x0=[0.0, 3.0], method="Nelder-Mead")
    return Calibration(float(np.exp(best.x[0])), float(best.x[1]))


def _held_out(matcher: "FaqMatcher", texts: "Sequence[str]", y: Labels, asked: Mask, fold: int) -> Any:
    """Scores, labels and weights of one fold's held-out questions; None where too little is left to learn from."""
    unknown, known = split(y, fold)
    known &= asked
    train = ~(unknown | known)
    unknown &= asked
    if not unknown.any() or not known.any() or len(np.unique(y[train])) < 2:
        return None
    fitted = clone(matcher).fit_weights([texts[i] for i in np.flatnonzero(train)], y[train])
    held = np.flatnonzero(unknown | known)
    scores = fitted.decision_function([texts[i] for i in held])
    labels = np.where(unknown[held], NONE, np.searchsorted(fitted.classes_, y[held]))
    weights = np.where(labels == NONE, UNKNOWN_SHARE / unknown.sum(), (1 - UNKNOWN_SHARE) / known.sum())
    return scores, labels, weights


def split(y: Labels, fold: int) -> tuple[Mask, Mask]:
    """Masks of what is held out: every tenth entry as a whole, and of the others every fifth text but the first two."""
    classes, index = np.unique(y, return_inverse=True)
    rank = np.zeros(len(y), dtype=np.int64)
    seen = np.zeros(len(classes), dtype=np.int64)
    for i, entry in enumerate(index):
        rank[i], seen[entry] = seen[entry], seen[entry] + 1
    unknown = index % 10 == fold % 10
    known = ~unknown & (rank >= 2) & (rank % 5 == (fold + 2) % 5)
    return unknown, known
