"""The classifier: it finds entries, says when it does not know, and learns new ones without forgetting."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from converters.faq import training
from converters.faq.dataset import SAMPLE_FOLDER, Entry, FaqDataset, load_dataset, load_duplicates
from converters.faq.matcher import FaqMatcher

NEW = Entry(
    id=99_000,
    answer_id=99_001,
    question="How do I open a WebSocket and listen to its messages?",
    answer="Create a WebSocket with the server's address and set its onmessage handler.",
)


def test_finds_entries_by_unseen_questions(pipeline: Pipeline, small_faq: FaqDataset) -> None:
    """Held-out questions find their entry far more often than chance, and mostly among the first three."""
    known = {entry.answer_id: entry.id for entry in small_faq.entries}
    held_out = load_duplicates(SAMPLE_FOLDER / "test.tsv", load_dataset(SAMPLE_FOLDER))
    test = [item for item in held_out if item.answer_id in known]
    probabilities = pipeline.predict_proba([item.text for item in test])
    best = pipeline[-1].classes_[np.argsort(-probabilities, axis=1)[:, :3]]
    right = np.array([known[item.answer_id] for item in test])
    assert (best[:, 0] == right).mean() > 0.6
    assert (best == right[:, None]).any(axis=1).mean() > 0.8


def test_probabilities_leave_room_for_no_match(pipeline: Pipeline) -> None:
    """What is missing to one is "none of these": little for a known question, most for a foreign one."""
    known, foreign = pipeline.predict_proba(["check whether an array contains a value", "train timetable oslo bergen"])
    assert 0.9 < known.sum() <= 1
    assert foreign.max() < 0.5


def test_text_without_words_is_answered_evenly(pipeline: Pipeline) -> None:
    """Nothing known: every entry is as likely as any other."""
    (row,) = pipeline.predict_proba([""])
    assert row.std() == pytest.approx(0)


def test_entry_without_duplicates_is_found_by_its_own_words(small_faq: FaqDataset) -> None:
    """One entry's own text is enough to be found among others that have many duplicates."""
    pipeline = training.train(FaqDataset((*small_faq.entries, NEW), small_faq.duplicates))
    assert pipeline.predict(["listen to messages of a web socket", "open websocket"]).tolist() == [NEW.id, NEW.id]


def test_added_entry_is_found_and_others_keep_their_weights(small_faq: FaqDataset) -> None:
    """Adding an entry trains that entry alone: the others' scores stay what they were."""
    before = training.train(small_faq)
    questions = [entry.question for entry in small_faq.entries]
    scores = before[-1].decision_function(before[0].transform(questions))
    after = training.extend(before, FaqDataset((*small_faq.entries, NEW), small_faq.duplicates))
    assert after.predict(["open websocket"]).tolist() == [NEW.id]
    column = np.searchsorted(after[-1].classes_, NEW.id)
    kept = np.delete(after[-1].decision_function(after[0].transform(questions)), column, axis=1)
    assert kept.argmax(axis=1).tolist() == scores.argmax(axis=1).tolist()


@pytest.mark.parametrize("entries", [1, 2])
def test_tiny_faqs_work(small_faq: FaqDataset, entries: int) -> None:
    """One entry, or two: no special case for the user to know."""
    kept = small_faq.entries[:entries]
    answers = {entry.answer_id for entry in kept}
    duplicates = tuple(item for item in small_faq.duplicates if item.answer_id in answers)
    pipeline = training.train(FaqDataset(kept, duplicates))
    assert pipeline.predict([kept[0].question]).tolist() == [kept[0].id]


def test_fit_is_repeatable(small_faq: FaqDataset, pipeline: Pipeline) -> None:
    """The same data gives the same model, to the last bit."""
    again: FaqMatcher = training.train(small_faq)[-1]
    assert np.array_equal(again.weights_, pipeline[-1].weights_)


def test_saved_pipeline_answers_the_same(pipeline: Pipeline, tmp_path: Path) -> None:
    """A stored pipeline comes back as it was."""
    training.save(pipeline, tmp_path)
    loaded = training.load(tmp_path)
    text = ["how to copy an array"]
    assert np.array_equal(loaded.predict_proba(text), pipeline.predict_proba(text))
