"""What the benchmark needs to know of a published image model: its `model.json` and `labels.txt`."""

from pathlib import Path

import msgspec

from loadtest.errors import LoadTestError
from preprocessing.image import ImageSpec

UNTRAINED = "untrained"


class Card(msgspec.Struct, frozen=True):
    """The fields of `model.json` that are used here."""

    model: str
    version: int
    digest: str
    framework: str
    weights: str
    precision: str
    preprocessing: ImageSpec

    @property
    def trained(self) -> bool:
        """Whether the model's classes mean anything."""
        return self.weights != UNTRAINED


def read_card(folder: Path) -> Card:
    """Read the card of a version's folder. Raises LoadTestError."""
    path = folder / "model.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Card)
    except (OSError, msgspec.DecodeError) as error:
        raise LoadTestError(f"{path} cannot be read: {error}", "publish again: scoring convert resnet152") from None


def wnids(folder: Path) -> list[str]:
    """Return the WordNet ids of a version's classes, in the order of the outputs."""
    return [line.split()[0] for line in (folder / "labels.txt").read_text(encoding="utf-8").splitlines()]
