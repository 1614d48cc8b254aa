"""What the preparation rules leave out and hold back."""

from dataclasses import replace

import pytest

from converters.errors import DatasetError
from converters.faq.dataset import Duplicate, Entry, FaqDataset
from converters.faq.preparation import PRESET_2019, Preparation, prepare


def _dataset(*counts: int, words: int = 50) -> FaqDataset:
    """Return a data set whose entries have that many duplicates, each of five characters per word."""
    text = " ".join(["word"] * words)
    entries = tuple(Entry(n, 100 + n, f"{text} {n}", "answer") for n in range(len(counts)))
    duplicates = tuple(
        Duplicate(1000 * (n + 1) + m, 100 + n, f"{text} {n} {m}")
        for n, count in enumerate(counts)
        for m in range(count)
    )
    return FaqDataset(entries, duplicates)


def test_nothing_changes_without_a_rule() -> None:
    """All rules are off by default."""
    dataset = _dataset(0, 3)
    prepared = prepare(dataset, Preparation())
    assert prepared.dataset == dataset
    assert prepared.test == ()


def test_duplicates_that_are_originals_go() -> None:
    """A question that is an original and a duplicate at once stays an original only."""
    dataset = _dataset(1, 1)
    dataset = replace(dataset, duplicates=(*dataset.duplicates, Duplicate(0, 101, "entry 0 again")))
    assert prepare(dataset, Preparation(drop_originals=True)).dataset == _dataset(1, 1)


def test_length_is_that_of_the_canonical_text() -> None:
    """Markup and code do not make a text long; duplicates go with their original."""
    entries = (
        Entry(1, 11, "<p>short</p> <pre><code>" + "x = 1;" * 50 + "</code></pre>", "a"),
        Entry(2, 12, "exactly ten", "a"),
    )
    duplicates = (
        Duplicate(21, 11, "long enough by far"),
        Duplicate(22, 12, "too short"),
        Duplicate(23, 12, "long enough"),
    )
    prepared = prepare(FaqDataset(entries, duplicates), Preparation(min_length=11)).dataset
    assert prepared.entries == entries[1:]
    assert prepared.duplicates == duplicates[2:]


def test_questions_with_few_duplicates_go() -> None:
    """The minimum itself is enough; only duplicates that other rules left are counted."""
    prepared = prepare(_dataset(2, 3, 4), Preparation(min_duplicates=3)).dataset
    assert [entry.id for entry in prepared.entries] == [1, 2]
    assert {duplicate.answer_id for duplicate in prepared.duplicates} == {101, 102}


@pytest.mark.parametrize(
    ("count", "share", "held_back"), [(0, 0.5, 0), (1, 0.21, 1), (9, 0.21, 1), (12, 0.21, 2), (5, 1, 5)]
)
def test_split_takes_its_share_of_every_question(count: int, share: float, held_back: int) -> None:
    """The share is rounded down, and at least one duplicate is held back where there is any."""
    prepared = prepare(_dataset(count, count), Preparation(test_share=share))
    for answer_id in (100, 101):
        assert sum(duplicate.answer_id == answer_id for duplicate in prepared.test) == held_back
        assert sum(duplicate.answer_id == answer_id for duplicate in prepared.dataset.duplicates) == count - held_back
    assert not set(prepared.test) & set(prepared.dataset.duplicates)


def test_split_depends_on_the_seed_and_on_nothing_else() -> None:
    """The same seed holds back the same duplicates of a question, whatever other questions there are."""
    rules = Preparation(test_share=0.5)
    alone, among_others = prepare(_dataset(40), rules), prepare(_dataset(40, 7, 9), rules)
    assert [one for one in among_others.test if one.answer_id == 100] == list(alone.test)
    assert prepare(_dataset(40), replace(rules, seed=1)).test != alone.test


def test_preset_of_2019() -> None:
    """The rules of 2019 keep questions of 150 characters with at least 12 duplicates and hold back 21 %."""
    prepared = prepare(_dataset(11, 12, 30), PRESET_2019)
    assert [entry.id for entry in prepared.dataset.entries] == [1, 2]
    assert len(prepared.test) == 2 + 6
    with pytest.raises(DatasetError, match="none of 1 questions is left"):
        prepare(_dataset(12, words=29), PRESET_2019)
