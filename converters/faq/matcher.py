"""The FAQ classifier: for each entry the calibrated probability that a question is a duplicate of it."""

import warnings
from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from converters.faq.calibration import Calibration, calibrate
from converters.faq.features import QuestionVectorizer

Labels = NDArray[np.int64]
Floats = NDArray[np.float64]

_TINY = 1e-12  # the length of a vector that learnt nothing


class FaqMatcher(ClassifierMixin, BaseEstimator):
    """Canonical texts to probabilities float64 [n, entries]; what is missing to 1 is "none of these entries".

    One weight vector for each entry, from multinomial logistic regression with early stopping. An entry with few
    duplicates gets a short vector, and would lose to its neighbours even on its own words: each vector's length is
    therefore divided by itself to the power of `tail` (tau-normalisation: Kang et al., Decoupling Representation and
    Classifier for Long-Tailed Recognition, 2020).

    Probabilities are a softmax over the scores and one constant, "no entry", whose place and the scores' scale are
    fitted on questions that were held out (`calibrate`).
    """

    def __init__(
        self,
        vectorizer: QuestionVectorizer | None = None,
        C: float = 30.0,  # noqa: N803 (scikit-learn's name)
        tail: float = 0.6,
        max_iter: int = 25,
        calibration_folds: int = 2,
    ) -> None:
        self.vectorizer = vectorizer
        self.C = C
        self.tail = tail
        self.max_iter = max_iter
        self.calibration_folds = calibration_folds

    def fit(self, texts: Sequence[str], y: Labels, asked: NDArray[np.bool_] | None = None) -> Self:
        """Learn from canonical `texts` (each entry's own question among them) and the entry id of each, int64 [n].

        `asked` marks real questions (default: all): probabilities are calibrated on those alone.
        """
        self.fit_weights(texts, y)
        asked = np.ones(len(texts), dtype=bool) if asked is None else asked
        self.calibration_ = calibrate(self, texts, np.asarray(y), asked, self.calibration_folds)
        return self

    def fit_weights(self, texts: Sequence[str], y: Labels) -> Self:
        """Learn everything but the calibration."""
        self.vectorizer_ = clone(self.vectorizer or QuestionVectorizer()).fit(texts)
        self.classes_, index = np.unique(y, return_inverse=True)
        self.weights_ = self._balanced(self._train(self.vectorizer_.transform(texts), index)).astype(np.float32)
        self.calibration_ = Calibration()
        return self

    def add(self, texts: Sequence[str], y: Labels) -> Self:
        """Learn the entries of `y` that are not known yet; the weights of all others stay as they are.

        `texts` and `y` hold the whole data set: a new entry is told from all others by one binary regression.
        """
        y = np.asarray(y)
        new = np.setdiff1d(y, self.classes_)
        added = [text for text, label in zip(texts, y, strict=True) if label in new]
        old_offsets, old_size = self.vectorizer_.offsets, self.weights_.shape[1]
        self.vectorizer_.extend(texts, added)
        weights = self._widened(old_offsets, old_size)
        features = self.vectorizer_.transform(texts)
        length = np.median(np.linalg.norm(weights, axis=1))
        for entry in new:
            row = self._train(features, (y == entry).astype(np.int64))[1]
            weights = np.vstack([weights, row * length / max(float(np.linalg.norm(row)), _TINY)])
        order = np.argsort(labels := np.concatenate([self.classes_, new]))
        self.classes_, self.weights_ = labels[order], weights[order].astype(np.float32)
        return self

    def decision_function(self, texts: Sequence[str]) -> Floats:
        """Uncalibrated scores float64 [n, entries]."""
        return np.asarray(self.vectorizer_.transform(texts) @ self.weights_.T)

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        return self.calibration_.probabilities(self.decision_function(texts))

    def predict(self, texts: Sequence[str]) -> Labels:
        return np.asarray(self.classes_[self.decision_function(texts).argmax(axis=1)])

    def _train(self, features: sparse.csr_matrix, index: Labels) -> Floats:
        """One row of weights for each class, float64 [classes, features]."""
        classes = int(index.max()) + 1
        if classes == 1:
            return np.asarray(features.mean(axis=0)).reshape(1, -1)
        model = LogisticRegression(C=self.C, solver="saga", max_iter=self.max_iter, fit_intercept=False, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is part of the regularisation
            model.fit(features.astype(np.float32), index)
        rows = model.coef_.astype(np.float64)
        return np.vstack([-rows, rows]) / 2 if classes == 2 else rows

    def _balanced(self, weights: Floats) -> Floats:
        lengths = np.maximum(np.linalg.norm(weights, axis=1, keepdims=True), _TINY)
        return np.asarray(weights / (lengths / lengths.mean()) ** self.tail)

    def _widened(self, offsets: list[int], size: int) -> Floats:
        """The weights with a column of zeros for each feature that `extend` appended to a block."""
        wide = np.zeros((len(self.weights_), len(self.vectorizer_.scale_)))
        for start, end, column in zip(offsets, [*offsets[1:], size], self.vectorizer_.offsets, strict=True):
            wide[:, column : column + end - start] = self.weights_[:, start:end]
        return wide
