"""The matcher as one table: each row holds what one occurrence of a unit adds to a question's scores.

Units are the known words (with all their character n-grams folded in), the known word pairs, and the character n-grams
that only unknown words are split into. The last column adds up to the square of the question's norm.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from converters.faq.matcher import FaqMatcher

# A code is a number of five digits in base (characters + 2), which must stay within int64.
MAX_CHARACTERS = 6000


@dataclass(frozen=True)
class LookupTable:
    """`rows` float32 [units, entries + 1]; the keys map a word, a pair of word ids or an n-gram's code to a unit."""

    rows: NDArray[np.float32]
    words: list[str]
    pair_codes: NDArray[np.int64]
    pair_units: NDArray[np.int64]
    characters: list[str]
    ngram_codes: NDArray[np.int64]
    ngram_units: NDArray[np.int64]

    @classmethod
    def of(cls, matcher: FaqMatcher) -> "LookupTable":
        """Fold vectorizer, weights and calibration's scale of a fitted matcher into a table."""
        vectorizer = matcher.vectorizer_
        words, pairs, ngrams = vectorizer.vocabularies()
        first = vectorizer.offsets
        weights = (matcher.calibration_.scale * matcher.weights_ * vectorizer.scale_).T
        features = np.hstack([weights, vectorizer.scale_[:, None] ** 2])
        word_rows = vectorizer.counts(words) @ features  # a word alone: itself and its characters
        rows = np.vstack([word_rows, features[first[1] :]]).astype(np.float32)
        word_ids = {word: i for i, word in enumerate(words)}
        pair_codes = [_pair_code([word_ids[word] for word in pair.split(" ")], len(words)) for pair in pairs]
        characters, codes, kept = _ngram_codes(ngrams)
        return cls(
            rows=rows,
            words=words,
            pair_codes=np.array(pair_codes, dtype=np.int64),
            pair_units=np.arange(first[1], first[1] + len(pairs), dtype=np.int64),
            characters=characters,
            ngram_codes=codes,
            ngram_units=first[2] + kept,
        )


def _pair_code(ids: list[int], words: int) -> int:
    return ids[0] * (words + 1) + ids[1]  # id `words` stands for every unknown word


def _ngram_codes(ngrams: list[str]) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """Characters in use, the code of each n-gram made of them, and which n-grams those are.

    Digits run from 1, so that n-grams of different lengths never share a code; the last digit is "unknown character".
    """
    letters, counts = np.unique(list("".join(ngrams)), return_counts=True)
    characters = sorted(letters[np.argsort(-counts, kind="stable")][:MAX_CHARACTERS].tolist())
    digits = {character: i + 1 for i, character in enumerate(characters)}
    base = len(characters) + 2
    kept, codes = [], []
    for unit, ngram in enumerate(ngrams):
        if all(character in digits for character in ngram):
            code = 0
            for character in ngram:
                code = code * base + digits[character]
            kept.append(unit)
            codes.append(code)
    return characters, np.array(codes, dtype=np.int64), np.array(kept, dtype=np.int64)
