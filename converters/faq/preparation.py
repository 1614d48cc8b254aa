"""Rules that shape a data set before training: what to leave out, what to hold back for testing."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import floor

from converters.errors import DatasetError
from converters.faq.dataset import Duplicate, Entry, FaqDataset
from preprocessing.text import canonical


@dataclass(frozen=True, slots=True)
class Preparation:
    """The rules, in the order in which they apply; all are off by default."""

    drop_inconsistent: bool = False
    """Rows that contradict others are left out while reading instead of refused (see load_dataset)."""
    drop_originals: bool = False
    """Duplicates whose Id is also a question's are left out."""
    min_length: int = 0
    """Questions and duplicates of fewer characters (canonical text) are left out."""
    min_duplicates: int = 0
    """Questions with fewer duplicates are left out, with their duplicates."""
    test_share: float = 0.0
    """The share of each question's duplicates that is held back: rounded down, but at least one where there are any."""
    seed: int = 0
    """Another seed holds back other duplicates."""


# Source: 00_Data_Prep.ipynb in github.com/Azure/MLAKSDeployment, later 01_DataPrep.ipynb in
# github.com/microsoft/az-ml-realtime-score: min_text = 150, min_dupes = 12, test_size = 0.21. It left 182 of 1,714
# questions and 8,260 of 16,139 duplicates. Two things differ: it measured text with its punctuation, and it did not
# seed the split. Its fourth value, match = 20, made pairs for a binary classifier and has no counterpart here.
PRESET_2019 = Preparation(
    drop_inconsistent=True, drop_originals=True, min_length=150, min_duplicates=12, test_share=0.21
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A data set to train on, and the duplicates that were held back to test it."""

    dataset: FaqDataset
    test: tuple[Duplicate, ...]


def prepare(dataset: FaqDataset, rules: Preparation) -> Prepared:
    """Apply `rules` to a data set; the order of entries and duplicates stays.

    Raises DatasetError when no question is left.
    """
    entries, duplicates = _long_enough(dataset, rules)
    counts = Counter(duplicate.answer_id for duplicate in duplicates)
    entries = [entry for entry in entries if counts[entry.answer_id] >= rules.min_duplicates]
    if not entries:
        raise DatasetError(
            f"none of {len(dataset.entries)} questions is left after the preparation rules",
            hint="lower the minimum length or the minimum number of duplicates",
        )
    kept = {entry.answer_id for entry in entries}
    duplicates = [duplicate for duplicate in duplicates if duplicate.answer_id in kept]
    held_back = _held_back(duplicates, rules)
    return Prepared(
        FaqDataset(tuple(entries), tuple(one for one in duplicates if one.id not in held_back)),
        tuple(one for one in duplicates if one.id in held_back),
    )


def _long_enough(dataset: FaqDataset, rules: Preparation) -> tuple[list[Entry], list[Duplicate]]:
    originals = {entry.id for entry in dataset.entries} if rules.drop_originals else set()
    duplicates = [duplicate for duplicate in dataset.duplicates if duplicate.id not in originals]
    if not rules.min_length:
        return list(dataset.entries), duplicates
    return (
        [entry for entry in dataset.entries if len(canonical(entry.question)) >= rules.min_length],
        [duplicate for duplicate in duplicates if len(canonical(duplicate.text)) >= rules.min_length],
    )


def _held_back(duplicates: Iterable[Duplicate], rules: Preparation) -> set[int]:
    """Return the ids of the test duplicates."""
    if not rules.test_share:
        return set()
    by_original: defaultdict[int, list[int]] = defaultdict(list)
    for duplicate in duplicates:
        by_original[duplicate.answer_id].append(duplicate.id)
    chosen: set[int] = set()
    for ids in by_original.values():
        count = max(1, floor(len(ids) * rules.test_share))
        chosen.update(sorted(ids, key=lambda one: _rank(one, rules.seed))[:count])
    return chosen


def _rank(identifier: int, seed: int) -> bytes:
    """Order ids at random, but alike on every machine and whatever other questions the data set holds."""
    return hashlib.sha256(f"{seed}:{identifier}".encode()).digest()
