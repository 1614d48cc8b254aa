"""The image classifier's classes by model version: what turns an output's position into a class.

`<repository>/<model>/<version>/labels.txt` names the classes in the order of the outputs, `model.json` beside it
describes the version, `golden.png` is the picture whose class is known.
"""

import hashlib
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from gateway.errors import CatalogUnavailableError
from gateway.triton.images import CLASSES, SIDE
from preprocessing.image import ImageSpec

RANDOM_WEIGHTS = "random weights: for load tests only"


class GoldenImage(msgspec.Struct, frozen=True):
    """The class of golden.png, by its position among the outputs: proof that the whole path works."""

    index: int = msgspec.field(name="class")
    probability: float


class ImageCard(msgspec.Struct, frozen=True):
    """The part of model.json that serving needs."""

    model: str
    version: int
    created: str
    digest: str
    framework: Literal["torch", "keras", "onnx"]
    weights: str
    precision: Literal["fp32", "fp16", "int8"]
    classes: int
    labels_sha256: str
    preprocessing: ImageSpec
    golden: GoldenImage


class Label(NamedTuple):
    """A class: its WordNet id and its name."""

    wnid: str
    label: str


class ImageCatalog:
    """One version's classes in the order of its outputs, its card and its golden picture (a PNG file's bytes)."""

    __slots__ = ("card", "golden", "labels", "version")

    def __init__(self, version: str, card: ImageCard, labels: list[Label], golden: bytes) -> None:
        self.version = version
        self.card = card
        self.labels = labels
        self.golden = golden

    @property
    def summary(self) -> str:
        """What the catalog holds, in a few words."""
        return f"{len(self.labels)} classes, {self.card.precision}, weights {self.card.weights}"

    @property
    def warning(self) -> str | None:
        """What everyone who reads an answer of this version must be told."""
        return RANDOM_WEIGHTS if self.card.weights == "untrained" else None

    @classmethod
    def load(cls, folder: Path) -> "ImageCatalog":
        """Read a version folder. Raises CatalogUnavailableError if a file is missing or contradicts itself."""
        name = f"{folder.parent.name}/{folder.name}"
        try:
            card = msgspec.json.decode((folder / "model.json").read_bytes(), type=ImageCard)
            names = (folder / "labels.txt").read_bytes()
            catalog = cls(folder.name, card, _labels(names), (folder / "golden.png").read_bytes())
        except OSError as error:
            file = Path(error.filename or folder).name
            raise CatalogUnavailableError(f"{name}/{file} cannot be read: {error.strerror}.") from None
        except (ValueError, RecursionError) as error:  # msgspec's and UTF-8's errors are ValueErrors
            raise CatalogUnavailableError(f"The catalog of {name} is invalid: {error}.") from None
        if hashlib.sha256(names).hexdigest() != card.labels_sha256:
            raise CatalogUnavailableError(f"{name}/labels.txt is not the file that model.json names (SHA-256).")
        if not _consistent(catalog):
            raise CatalogUnavailableError(f"model.json and labels.txt of {name} contradict each other.")
        return catalog


def _consistent(catalog: ImageCatalog) -> bool:
    card = catalog.card
    classes = len({label.wnid for label in catalog.labels}) == len(catalog.labels) == card.classes == CLASSES
    shape = card.preprocessing.crop == SIDE and 0 <= card.golden.index < CLASSES
    return classes and shape and str(card.version) == catalog.version


def _labels(content: bytes) -> list[Label]:
    labels = []
    for number, line in enumerate(content.decode().splitlines(), 1):
        wnid, space, label = line.partition(" ")
        if not (wnid and space and label):
            raise ValueError(f"line {number} of labels.txt is not a WordNet id and a label")
        labels.append(Label(wnid, label))
    return labels
