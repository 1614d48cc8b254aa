"""A small FAQ, fitted once: enough to exercise every part of the pipeline in a second."""

from pathlib import Path

import pytest
from sklearn.pipeline import Pipeline

from converters.faq import training
from converters.faq.dataset import SAMPLE_FOLDER, FaqDataset, load_dataset
from converters.faq.dataset_writer import write_dataset


@pytest.fixture(scope="session")
def small_faq() -> FaqDataset:
    """Every eighth entry of the shipped sample, far enough from one another to be told apart."""
    whole = load_dataset(SAMPLE_FOLDER)
    entries = whole.entries[::8]
    known = {entry.answer_id for entry in entries}
    return FaqDataset(entries, tuple(item for item in whole.duplicates if item.answer_id in known))


@pytest.fixture(scope="session")
def small_folder(small_faq: FaqDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small FAQ as a data-set folder."""
    folder = tmp_path_factory.mktemp("data") / "faq"
    write_dataset(folder, small_faq)
    return folder


@pytest.fixture(scope="session")
def pipeline(small_faq: FaqDataset) -> Pipeline:
    """A pipeline fitted on the small FAQ; tests must not change it."""
    return training.train(small_faq)
