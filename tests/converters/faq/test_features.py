"""The vectorizer: what a feature counts, and what happens to a text that repeats itself."""

import numpy as np
import pytest

from converters.faq.features import CanonicalText, QuestionVectorizer

TEXTS = ["sort an array of numbers", "remove an item from an array", "parse a json string", "sort strings"]


@pytest.fixture
def vectorizer() -> QuestionVectorizer:
    """Fitted on four short questions."""
    return QuestionVectorizer().fit(TEXTS)


def test_canonical_text_is_the_first_step() -> None:
    """Raw HTML becomes canonical text."""
    assert CanonicalText().fit([]).transform(["<p>Sort an Array?</p>"]) == ["sort an array"]


def test_rows_of_short_texts_have_length_one(vectorizer: QuestionVectorizer) -> None:
    """Where nothing repeats, the norm is the Euclidean one."""
    lengths = np.linalg.norm(
        QuestionVectorizer(char_range=(4, 4)).fit(TEXTS).transform(["parse json"]).toarray(), axis=1
    )
    assert lengths == pytest.approx([1.0])


def test_text_without_known_features_is_zero(vectorizer: QuestionVectorizer) -> None:
    """Unknown words of unknown characters and empty texts give a row of zeros, not NaN."""
    assert vectorizer.transform(["", "数 组"]).nnz == 0


def test_repetition_gains_nothing(vectorizer: QuestionVectorizer) -> None:
    """Saying the same a hundred times gives no feature more weight than the longest training text could."""
    twice, often = (vectorizer.transform([" ".join(["array"] * n)]).max() for n in (40, 400))
    assert often == pytest.approx(twice, rel=0.05)


def test_counts_of_a_word_hold_its_characters(vectorizer: QuestionVectorizer) -> None:
    """A word counts itself and the n-grams inside it, spaces at both ends included: all that it ever adds."""
    words, _, ngrams = vectorizer.vocabularies()
    counts = vectorizer.counts(["json"]).toarray()[0]
    assert counts[words.index("json")] == 1
    assert counts[vectorizer.offsets[2] + ngrams.index(" json")] == 1


def test_limits_keep_pairs_of_kept_words_only() -> None:
    """A pair is kept only when both of its words are: the look-up goes by word ids."""
    limited = QuestionVectorizer(max_words=3, max_pairs=50).fit(TEXTS)
    words, pairs, _ = limited.vocabularies()
    assert len(words) == 3
    assert all(word in words for pair in pairs for word in pair.split(" "))


def test_extension_keeps_what_was_known(vectorizer: QuestionVectorizer) -> None:
    """Known features keep weight and order when new texts bring new ones."""
    before, texts = vectorizer.transform(TEXTS), [*TEXTS, "open a websocket"]
    words = vectorizer.vocabularies()[0]
    scale = dict(zip(words, vectorizer.scale_, strict=False))
    vectorizer.extend(texts, texts[-1:])
    extended = vectorizer.vocabularies()[0]
    assert extended[: len(words)] == words
    assert "websocket" in extended
    assert {word: vectorizer.scale_[i] for i, word in enumerate(words)} == pytest.approx(scale)
    assert vectorizer.transform(TEXTS).sum() == pytest.approx(before.sum())
