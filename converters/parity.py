"""Parity: the exported model must answer as the model it was made from, on every question and on nasty ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from converters.errors import ParityError

Floats = NDArray[Any]
Ranking = tuple[NDArray[np.int64], Floats]

BATCH = 64
NASTY_TEXTS = {
    "empty text": "",
    "one character": "x",
    "one symbol": "$",
    "emoji": "🤔 🤔",
    "20,000 characters in 40-character words": " ".join(["abcdefghijklmnopqrstuvwxyz0123456789_$@ab"[:40]] * 488),
    "20,000 characters, one word each": "a " * 9_999 + "a",
    "only stop words": "how do i the of and to in it is",
    "unknown words": "zzqqy wqwqx vvvkj",
    "unknown alphabet": "ᚠᛇᚻ ᛒᛦᚦ ᚠᚱᚩᚠᚢᚱ",
    "no spaces between words": "如 何 检 查 数 组",
    "combining marks": "á̂ é̂",
    "operators": "=== => && || ?? ?. ... [] {} ()",
}


@dataclass(frozen=True)
class Parity:
    """`largest_difference` is that of any probability among the k best, `worst` the name of its question."""

    questions: int
    largest_difference: float
    worst: str
    tolerance: float


def compare_rankings(
    texts: dict[str, str],
    reference: Callable[[Sequence[str]], Floats],
    exported: Callable[[Sequence[str]], Ranking],
    classes: NDArray[np.int64],
    tolerance: float,
) -> Parity:
    """Compare the k best of `exported` with `reference`'s probabilities [n, entries] for each named canonical text.

    Ids may differ in order only where their probabilities agree within the tolerance.

    Raises ParityError, naming the worst question, when any probability or any place in the ranking differs by more.
    """
    names = list(texts)
    worst, largest = "", 0.0
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        questions = [texts[name] for name in batch]
        differences = _differences(reference(questions), exported(questions), classes)
        if (peak := float(differences.max())) > largest or not np.isfinite(peak):
            worst, largest = batch[int(differences.argmax())], peak
    if not largest <= tolerance:
        raise ParityError(
            f"the exported model differs from the trained one by {largest:.3g} (allowed {tolerance:.0e}) on {worst}",
            hint="nothing was published; check the versions of skl2onnx, onnx and onnxruntime against constraints.txt",
        )
    return Parity(len(names), largest, worst, tolerance)


def _differences(expected: Floats, ranking: Ranking, classes: NDArray[np.int64]) -> Floats:
    """For each question the largest difference in probability, of the named ids and of the places in the ranking."""
    ids, probabilities = ranking
    columns = np.clip(np.searchsorted(classes, ids), 0, len(classes) - 1)
    of_ids = np.where(classes[columns] == ids, np.take_along_axis(expected, columns, axis=1), np.inf)
    of_places = -np.sort(-expected, axis=1)[:, : ids.shape[1]]
    stacked = np.stack([np.abs(of_ids - probabilities), np.abs(of_places - probabilities)])
    return np.asarray(np.nan_to_num(stacked, nan=np.inf).max(axis=(0, 2)))
