"""Made-up FAQs: the size that was asked for, the same for the same seed, and learnable."""

from converters.faq.synthetic import synthesize
from converters.faq.training import Corpus, sentences, train


def test_size_and_repeatability() -> None:
    """As many entries and duplicates as asked for; a seed always makes the same texts, another one others."""
    made = synthesize(entries=5, duplicates=3, seed=1)
    assert (len(made.entries), len(made.duplicates)) == (5, 15)
    assert made == synthesize(5, 3, 1)
    assert made != synthesize(5, 3, 2)


def test_entries_can_be_told_apart() -> None:
    """Unseen duplicates of made-up entries find them: the texts have topics."""
    made = synthesize(entries=20, duplicates=6, seed=0)
    pipeline = train(type(made)(made.entries, tuple(item for i, item in enumerate(made.duplicates) if i % 6)))
    unseen = made.duplicates[::6]
    hits = pipeline.predict([item.text for item in unseen]) == [entry.id for entry in made.entries]
    assert hits.mean() > 0.5


def test_sentences_of_a_post() -> None:
    """Sentences of three words and more are learnt; code blocks and shorter ones are not."""
    post = (
        "<p>Use includes() here. It works.</p><pre>let x = 1; let y = 2;</pre><ul><li>it finds <b>NaN</b> too</li></ul>"
    )
    assert [text.strip() for text in sentences(post)] == ["Use includes() here.", "it finds <b>NaN</b> too"]


def test_corpus_marks_what_people_asked() -> None:
    """Questions and duplicates come first and are marked; each sentence belongs to its entry."""
    made = synthesize(entries=3, duplicates=2, seed=0)
    corpus = Corpus.of(made)
    assert corpus.asked.sum() == 9
    assert corpus.asked[:9].all()
    assert len(corpus.texts) == len(corpus.ids) == len(corpus.asked) > 9
    assert set(corpus.ids[9:]) == {0, 1, 2}
