"""From a data set to a fitted pipeline: raw question in, probability of each entry out."""

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
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
from preprocessing.text import canonical

# The model's table is kept under this; with many entries the rarest features give way.
TABLE_BYTES = 150_000_000
SHARES = {"max_words": 0.4, "max_pairs": 0.3, "max_ngrams": 0.3}
LARGE = 4_000_000  # texts times entries
PIPELINE_FILE = "pipeline.skops"
_CODE_BLOCK = re.compile(r"<pre.*?</pre>", re.DOTALL | re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.?!:;])\s+|</?(?:p|li|br|h\d)\b[^>]*>")
_TRUSTED = [
    f"converters.faq.{name}"
    for name in (
        "features.CanonicalText",
        "features.QuestionVectorizer",
        "matcher.FaqMatcher",
        "calibration.Calibration",
    )
]


@dataclass(frozen=True)
class Corpus:
    """What there is to learn from: `texts`, the entry id of each, and which of them are questions that people asked."""

    texts: list[str]
    ids: NDArray[np.int64]
    asked: NDArray[np.bool_]

    @classmethod
    def of(cls, dataset: FaqDataset) -> "Corpus":
        """Each entry's question, all duplicates, then the sentences of each entry's question and answer.

        The sentences name things that no question has named yet: on the shipped sample they lift accuracy@1 on unseen
        questions from 0.48 to 0.54, and they are what an entry without duplicates has to offer.
        """
        ids = np.array([entry.id for entry in dataset.entries], dtype=np.int64)
        asked = [entry.question for entry in dataset.entries] + [duplicate.text for duplicate in dataset.duplicates]
        told = [(text, entry.id) for entry in dataset.entries for text in sentences(entry.question, entry.answer)]
        return cls(
            texts=asked + [text for text, _ in told],
            ids=np.concatenate([ids, ids[dataset.labels_of(dataset.duplicates)], [entry for _, entry in told]]).astype(
                np.int64
            ),
            asked=np.arange(len(asked) + len(told)) < len(asked),
        )


def sentences(*posts: str) -> list[str]:
    """The sentences of HTML posts that hold at least three words once code blocks are gone."""
    pieces = [piece for post in posts for piece in _SENTENCE_END.split(_CODE_BLOCK.sub(" . ", post))]
    return [piece for piece in pieces if canonical(piece).count(" ") >= 2]


def train(dataset: FaqDataset) -> Pipeline:
    """Fit a pipeline; raises ConversionError when the texts hold nothing to learn from."""
    corpus = Corpus.of(dataset)
    rows = TABLE_BYTES // (4 * (len(dataset.entries) + 1))
    vectorizer = QuestionVectorizer().set_params(**{name: int(rows * share) for name, share in SHARES.items()})
    # Work grows with texts times entries: a large FAQ stops earlier and is calibrated on one refit.
    large = len(corpus.texts) * len(dataset.entries) > LARGE
    matcher = FaqMatcher(vectorizer=vectorizer, **({"max_iter": 10, "calibration_folds": 1} if large else {}))
    pipeline = Pipeline([("canonical", CanonicalText()), ("match", matcher)])
    return _fitted(lambda: pipeline.fit(corpus.texts, corpus.ids, match__asked=corpus.asked))


def extend(pipeline: Pipeline, dataset: FaqDataset) -> Pipeline:
    """Teach a pipeline the entries that it does not know yet, leaving all others as they are."""
    corpus = Corpus.of(dataset)
    matcher: FaqMatcher = pipeline[-1]
    gone = np.setdiff1d(matcher.classes_, corpus.ids)
    if len(gone):
        raise ConversionError(
            f"the data set lacks {len(gone)} entries of the version to extend, the first: id {gone[0]}",
            hint="train from scratch (leave --extend out)",
        )
    _fitted(lambda: matcher.add(pipeline[0].transform(corpus.texts), corpus.ids))
    return pipeline


def save(pipeline: Pipeline, folder: Path) -> None:
    """Write the fitted pipeline where `extend` finds it; skops' format holds no code to execute."""
    skops.io.dump(pipeline, folder / PIPELINE_FILE, compression=zipfile.ZIP_DEFLATED, compresslevel=1)


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
