"""The 1,000 class labels, in the order of the outputs: one line `wnid label` each."""

from functools import cache
from pathlib import Path

FILE = Path(__file__).parents[2] / "model_repository" / "resnet152" / "labels.txt"


@cache
def text() -> str:
    """The committed file."""
    return FILE.read_text(encoding="utf-8")


def wnids() -> list[str]:
    """WordNet ids of ILSVRC2012 in the order of the outputs."""
    return [line.split(" ", 1)[0] for line in text().splitlines()]
