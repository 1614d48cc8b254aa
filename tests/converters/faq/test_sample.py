"""The data set that is shipped with the package."""

from collections import Counter

import pytest

from converters.faq.dataset import SAMPLE_FOLDER, Duplicate, FaqDataset, load_dataset, load_duplicates
from preprocessing.text import canonical


@pytest.fixture(scope="module")
def sample() -> FaqDataset:
    """Return the shipped entries and training duplicates."""
    return load_dataset(SAMPLE_FOLDER)


@pytest.fixture(scope="module")
def test_duplicates(sample: FaqDataset) -> tuple[Duplicate, ...]:
    """Return the shipped test duplicates."""
    return load_duplicates(SAMPLE_FOLDER / "test.tsv", sample)


def test_every_entry_has_enough_duplicates(sample: FaqDataset, test_duplicates: tuple[Duplicate, ...]) -> None:
    """At least 80 entries, 8 duplicates each to train on, 3 each to test with."""
    assert len(sample.entries) >= 80
    training, test = (Counter(one.answer_id for one in part) for part in (sample.duplicates, test_duplicates))
    assert min(training[entry.answer_id] for entry in sample.entries) >= 8
    assert {test[entry.answer_id] for entry in sample.entries} == {3}


def test_no_text_is_shared(sample: FaqDataset, test_duplicates: tuple[Duplicate, ...]) -> None:
    """Nothing that is tested was trained on, not even in another case or with other markup."""
    questions = [entry.question for entry in sample.entries]
    duplicates = [duplicate.text for duplicate in (*sample.duplicates, *test_duplicates)]
    counts = Counter(canonical(text) for text in (*questions, *duplicates))
    assert [text for text, count in counts.items() if count > 1] == []


def test_ids_are_distinct(sample: FaqDataset, test_duplicates: tuple[Duplicate, ...]) -> None:
    """No question, training or test duplicate has the Id of another one."""
    ids = [entry.id for entry in sample.entries] + [one.id for one in (*sample.duplicates, *test_duplicates)]
    assert len(set(ids)) == len(ids)


def test_every_text_has_words(sample: FaqDataset, test_duplicates: tuple[Duplicate, ...]) -> None:
    """No text is nothing but markup; a question stays understandable without its code blocks."""
    texts = [text for entry in sample.entries for text in (entry.question, entry.answer)]
    texts += [duplicate.text for duplicate in (*sample.duplicates, *test_duplicates)]
    assert min(len(canonical(text).split()) for text in texts) >= 3


def test_duplicates_are_as_varied_as_real_questions(sample: FaqDataset) -> None:
    """Search terms of a few words and stories, plain text and HTML, with and without code."""
    lengths = [len(canonical(duplicate.text).split()) for duplicate in sample.duplicates]
    assert sum(length <= 10 for length in lengths) > len(lengths) / 5
    assert sum(length >= 40 for length in lengths) > len(lengths) / 10
    assert sum("<pre><code>" in duplicate.text for duplicate in sample.duplicates) > len(lengths) / 10
