"""Features of a question: TF-IDF over its words, word pairs and the character n-grams inside each word."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer

from preprocessing.text import canonical


class CanonicalText(TransformerMixin, BaseEstimator):
    """First step of the pipeline: any text to canonical text. Serving does the same before it calls the model."""

    def fit(self, texts: Iterable[str], y: Any = None) -> Self:
        return self

    def transform(self, texts: Iterable[str]) -> list[str]:
        return [canonical(text) for text in texts]

    def __sklearn_is_fitted__(self) -> bool:
        return True


class QuestionVectorizer(TransformerMixin, BaseEstimator):
    """Canonical texts to a sparse matrix float64 [n, features]: blocks of words, word pairs and character n-grams.

    A feature counts linearly (its frequency times its inverse document frequency), and a row is divided by the root of
    the sum of frequency times idf squared, which is its Euclidean norm where nothing repeats. Both are sums over the
    occurrences, so all that a known word contributes, its characters included, is one row that can be computed
    beforehand: the exported graph looks at characters only for words that it has never seen. Questions are short; on
    Banking77 the usual sublinear TF-IDF with the exact norm is no more accurate. Above `square_limit_`, the 99th
    percentile of the training texts, the norm grows with the square itself and no longer with its root: a text that
    says the same thing fifty times gains no confidence by it.

    `char_weight` scales the character block; `max_words`, `max_pairs` and `max_ngrams` keep the most frequent ones.
    """

    square_limit_: float

    def __init__(
        self,
        char_weight: float = 0.7,
        char_range: tuple[int, int] = (2, 5),
        max_words: int | None = None,
        max_pairs: int | None = None,
        max_ngrams: int | None = None,
    ) -> None:
        self.char_weight = char_weight
        self.char_range = char_range
        self.max_words = max_words
        self.max_pairs = max_pairs
        self.max_ngrams = max_ngrams

    def fit(self, texts: Sequence[str], y: Any = None) -> Self:
        """Learn vocabulary and document frequencies; raises ValueError when no text has two words."""
        self.blocks_ = self._blocks([None, None, None])
        for block in self.blocks_:
            block.fit(texts)
        words = self.blocks_[0].vocabulary_
        known = [pair for pair in self.blocks_[1].get_feature_names_out() if all(w in words for w in pair.split(" "))]
        if known:  # a pair whose words were cut off by max_words cannot be looked up by them
            self.blocks_[1] = self._blocks([None, known, None])[1].fit(texts)
        self._weigh(texts)
        return self

    def extend(self, texts: Sequence[str], added: Sequence[str]) -> Self:
        """Append the features that only `added` holds; features already known keep their column and their weight."""
        names: list[Sequence[str] | None] = []
        for block, fresh in zip(self.blocks_, self._blocks([None, None, None]), strict=True):
            new = sorted(set(fresh.fit(added).vocabulary_) - set(block.vocabulary_))
            names.append([*block.get_feature_names_out(), *new])
        before, sizes = self.scale_, [len(block.vocabulary_) for block in self.blocks_]
        limit = self.square_limit_
        self.blocks_ = self._blocks(names)
        for block in self.blocks_:
            block.fit(texts)
        self._weigh(texts)
        for old, column in zip(np.split(before, np.cumsum(sizes)[:-1]), self.offsets, strict=True):
            self.scale_[column : column + len(old)] = old
        self.square_limit_ = limit
        return self

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        counts = self.counts(texts)
        squares = counts @ self.scale_**2
        norms = np.sqrt(np.maximum(squares, squares**2 / self.square_limit_))
        norms[norms == 0] = 1
        weighted = counts.multiply(self.scale_).tocsr()
        return sparse.csr_matrix(weighted.multiply(1 / norms[:, None]))

    def counts(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """How often each feature occurs: float64 [n, features]."""
        return sparse.csr_matrix(sparse.hstack([block.transform(texts) for block in self.blocks_]), dtype=np.float64)

    @property
    def offsets(self) -> list[int]:
        """First column of each block."""
        sizes = [len(block.vocabulary_) for block in self.blocks_]
        return [0, sizes[0], sizes[0] + sizes[1]]

    def vocabularies(self) -> list[list[str]]:
        """Words, word pairs and character n-grams in the order of their columns."""
        return [list(block.get_feature_names_out()) for block in self.blocks_]

    def __getstate__(self) -> dict[str, Any]:
        """Vocabularies as arrays: stored entry by entry, a hundred thousand of them take minutes."""
        state = dict(super().__getstate__())
        if "blocks_" in state:
            state["blocks_"] = [np.array(names) for names in self.vocabularies()]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "blocks_" in state:
            blocks = self._blocks([names.tolist() for names in state["blocks_"]])
            self.blocks_ = [block.fit([""]) for block in blocks]

    def _blocks(self, vocabularies: Sequence[Sequence[str] | None]) -> list[CountVectorizer]:
        word = {"analyzer": "word", "token_pattern": r"[^ ]+", "lowercase": False}
        chars = {"analyzer": "char_wb", "ngram_range": self.char_range, "lowercase": False}
        kinds: list[dict[str, Any]] = [
            {**word, "max_features": self.max_words},
            {**word, "ngram_range": (2, 2), "max_features": self.max_pairs},
            {**chars, "max_features": self.max_ngrams},
        ]
        return [CountVectorizer(**kind, vocabulary=names) for kind, names in zip(kinds, vocabularies, strict=True)]

    def _weigh(self, texts: Sequence[str]) -> None:
        counts = self.counts(texts)
        frequency = np.bincount(counts.indices, minlength=counts.shape[1])
        scale: NDArray[np.float64] = np.log((1 + len(texts)) / (1 + frequency)) + 1
        scale[self.offsets[2] :] *= self.char_weight
        self.scale_ = scale
        self.square_limit_ = max(1.0, float(np.percentile(counts @ scale**2, 99)))
