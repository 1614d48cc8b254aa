"""From a data set to a fitted pipeline: raw question in, probability of each entry out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from converters.errors import ConversionError
from converters.faq.dataset import FaqDataset
from converters.faq.features import CanonicalText, QuestionVectorizer
from converters.faq.matcher import FaqMatcher

# The model's table is kept under this; with many entries the rarest features give way.
TABLE_BYTES = 150_000_000
SHARES = {"max_words": 0.4, "max_pairs": 0.3, "max_ngrams": 0.3}
PIPELINE_FILE = "pipeline.skops"
_TRUSTED = [
    f"converters.faq.{name}"
    for name in (
        "features.CanonicalText",
        "features.QuestionVectorizer",
        "matcher.FaqMatcher",
        "calibration.Calibration",
    )
]


def training_texts(dataset: FaqDataset) -> tuple[list[str], NDArray[np.int64]]:
    """Each entry's own question, then all duplicates; and the entry id of each."""
    texts = [entry.question for entry in dataset.entries] + [duplicate.text for duplicate in dataset.duplicates]
    ids = np.array([entry.id for entry in dataset.entries], dtype=np.int64)
    return texts, np.concatenate([ids, ids[dataset.labels_of(dataset.duplicates)]])


def train(dataset: FaqDataset) -> Pipeline:
    """Fit a pipeline; raises ConversionError when the texts hold nothing to learn from."""
    texts, ids = training_texts(dataset)
    rows = TABLE_BYTES // (4 * (len(dataset.entries) + 1))
    vectorizer = QuestionVectorizer().set_params(**{name: int(rows * share) for name, share in SHARES.items()})
    # Refits are cheap for a small FAQ, whose few held-out questions need more of them.
    folds = 5 if len(texts) * len(dataset.entries) < 500_000 else 2
    matcher = FaqMatcher(vectorizer=vectorizer, calibration_folds=folds)
    return _fitted(lambda: Pipeline([("canonical", CanonicalText()), ("match", matcher)]).fit(texts, ids))


def extend(pipeline: Pipeline, dataset: FaqDataset) -> Pipeline:
    """Teach a pipeline the entries that it does not know yet, leaving all others as they are."""
    texts, ids = training_texts(dataset)
    matcher: FaqMatcher = pipeline[-1]
    gone = np.setdiff1d(matcher.classes_, ids)
    if len(gone):
        raise ConversionError(
            f"the data set lacks {len(gone)} entries of the version to extend, the first: id {gone[0]}",
            hint="train from scratch (leave --extend out)",
        )
    _fitted(lambda: matcher.add(pipeline[0].transform(texts), ids))
    return pipeline


def save(pipeline: Pipeline, folder: Path) -> None:
    """Write the fitted pipeline where `extend` finds it; skops' format holds no code to execute."""
    skops.io.dump(pipeline, folder / PIPELINE_FILE)


def load(folder: Path) -> Pipeline:
    """Read what `save` wrote; raises ConversionError when it is missing, damaged or holds foreign types."""
    try:
        loaded: Pipeline = skops.io.load(folder / PIPELINE_FILE, trusted=_TRUSTED)
    except Exception as reason:  # a damaged archive fails in as many ways as it has layers
        raise ConversionError(
            f"cannot read the pipeline of {folder}: {type(reason).__name__}", hint="train from scratch"
        ) from reason
    return loaded


def _fitted(fit: Callable[[], Any]) -> Pipeline:
    try:
        result: Pipeline = fit()
    except ValueError as reason:
        if "empty vocabulary" not in str(reason):
            raise
        raise ConversionError(
            "the questions hold no two words next to each other: there is nothing to learn from",
            hint="look at the data set with `scoring dataset show`",
        ) from reason
    return result
