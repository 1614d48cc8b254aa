"""The class labels, in the order of the outputs: one line `wnid label` each.

The committed list is that of ILSVRC2012: its 1,000 synsets sorted by WordNet id, each with the first lemma that WordNet
3.0 gives it. torchvision's and timm's lists have the same order.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from converters.errors import ModelError
from converters.image.core import CLASSES

FILE = Path(__file__).parents[2] / "model_repository" / "resnet152" / "labels.txt"
_LINE = re.compile(r"(n\d{8}) (\S.*)")
_HINT = "each line is `wnid label`, such as `n02123045 tabby`, in the order of the model's outputs"


@dataclass(frozen=True)
class Labels:
    """A checked file: what it holds, and the WordNet id and label of each class."""

    text: str
    classes: tuple[tuple[str, str], ...]

    @property
    def sha256(self) -> str:
        """Of the file, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def read(path: Path = FILE, width: int = CLASSES) -> Labels:
    """Read the labels of a model with `width` outputs.

    Raises ModelError for a file that is missing, not UTF-8, of another length, or has a line that is no label or one
    that stands there twice.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except OSError as reason:
        raise ModelError(f"cannot read {path}: {reason.strerror}", hint=_HINT) from reason
    except UnicodeDecodeError as reason:
        raise ModelError(f"{path.name} is not UTF-8 text", hint=_HINT) from reason
    lines = content.splitlines()
    if len(lines) != width:
        raise ModelError(f"{path.name} names {len(lines):,} classes, the model has {width:,}", hint=_HINT)
    return Labels(content, tuple(_classes(lines, path.name)))


def _classes(lines: list[str], file: str) -> list[tuple[str, str]]:
    lines_of: dict[str, int] = {}
    classes = []
    for number, line in enumerate(lines, start=1):
        if not (found := _LINE.fullmatch(line)) or not line.isprintable():
            raise ModelError(f"{file}, line {number}: {line[:40]!r} is not a label", hint=_HINT)
        if (first := lines_of.setdefault(found[1], number)) != number:
            raise ModelError(f"{file}, line {number}: {found[1]} is the class of line {first} already", hint=_HINT)
        classes.append((found[1], found[2]))
    return classes


@cache
def text() -> str:
    """The committed file."""
    return read().text


def wnids() -> list[str]:
    """WordNet ids of ILSVRC2012 in the order of the outputs."""
    return [wnid for wnid, _ in read().classes]
