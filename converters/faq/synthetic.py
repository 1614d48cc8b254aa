"""FAQs of any size out of made-up words, for measuring how training, size and speed grow."""

import numpy as np
from numpy.typing import NDArray

from converters.faq.dataset import Duplicate, Entry, FaqDataset

VOCABULARY = 20_000
TOPIC_WORDS = 12  # what an entry is about; half of its words are drawn from these
LETTERS = np.array(list("etaoinshrdlucmfwypvbgkjqxz"))


def synthesize(entries: int, duplicates: int, seed: int) -> FaqDataset:
    """Make `entries` questions with one answer and `duplicates` duplicates each; word frequencies follow Zipf's law."""
    draw = np.random.default_rng(seed)
    words = _words(draw)
    frequency = 1 / np.arange(1, VOCABULARY + 1)
    frequency /= frequency.sum()

    def text(topic: NDArray[np.int64], length: int) -> str:
        general = draw.choice(VOCABULARY, length, p=frequency)
        return " ".join(words[np.where(draw.random(length) < 0.5, draw.choice(topic, length), general)])

    made: list[Entry] = []
    asked: list[Duplicate] = []
    for number in range(entries):
        topic = draw.choice(VOCABULARY, TOPIC_WORDS, p=frequency)
        answer = 1_000_000 + number
        made.append(Entry(number, answer, text(topic, 15) + "?", text(topic, 40) + "."))
        for _ in range(duplicates):
            asked.append(Duplicate(2_000_000 + len(asked), answer, text(topic, int(draw.integers(4, 30)))))
    return FaqDataset(tuple(made), tuple(asked))


def _words(draw: np.random.Generator) -> NDArray[np.object_]:
    """Distinct words of 2 to 10 letters, the frequent ones short."""
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        length = min(10, 2 + int(np.log2(1 + len(found)) / 2) + int(draw.integers(0, 3)))
        found["".join(draw.choice(LETTERS, length))] = None
    return np.array(list(found), dtype=object)
