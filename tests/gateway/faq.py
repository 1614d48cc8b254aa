"""A FAQ of five entries, and its model repository."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from preprocessing.text import canonical

THRESHOLD = 0.5
GOLDEN = "Golden question: how do I loop over an array?"


class FaqEntry(NamedTuple):
    """An entry and the words by which the fake Triton knows it."""

    id: int
    question: str
    answer_id: int
    answer: str

    @property
    def words(self) -> set[str]:
        return set(canonical(self.question).split())


ENTRIES = [
    FaqEntry(11, "How do I loop over an array?", 111, "<p>Use <code>for (const x of xs)</code>.</p>"),
    FaqEntry(22, "How to compare strings in JavaScript?", 222, '<p>Use "===" &amp; mind the case.</p>'),
    FaqEntry(33, "Check whether a value is undefined", 333, "<pre><code>typeof x === 'undefined'</code></pre>"),
    FaqEntry(44, "Как отсортировать массив чисел?", 444, "<p>числа.sort((a, b) =&gt; a - b) 🎉</p>"),
    FaqEntry(55, "Wait for several promises", 555, "<p><a href='https://example.org/'>Promise.all</a></p>"),
]


def write_version(repository: Path, version: int = 1, shift: int = 0, **changes: Any) -> Path:
    """Write a version's catalog and card; `shift` is added to all ids, `changes` replace fields of the card."""
    folder = repository / "faq_matcher" / str(version)
    folder.mkdir(parents=True)
    lines = [json.dumps(entry._asdict() | {"id": entry.id + shift}) for entry in ENTRIES]
    (folder / "catalog.jsonl").write_text("\n".join(lines) + "\n")
    card = {
        "model": "faq_matcher",
        "version": version,
        "created": "2026-11-23T06:00:00Z",
        "digest": "0" * 64,
        "entries": len(ENTRIES),
        "top_k": len(ENTRIES),
        "threshold": THRESHOLD,
        "golden": {"question": GOLDEN, "id": ENTRIES[0].id + shift},
        "calibration": {},
        "libraries": {},
    }
    (folder / "model.json").write_text(json.dumps(card | changes))
    return folder
