"""Names in a store and paths in a release: what they may look like, and what they mean.

A store is not trusted: whatever comes out of it passes these rules before it becomes a path of this machine.
"""

import re
from enum import StrEnum
from pathlib import PurePosixPath

ID_DIGITS = 16
ID = re.compile(rf"[0-9a-f]{{{ID_DIGITS}}}")
SHA256 = re.compile(r"[0-9a-f]{64}")
TAG = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+@=-]{0,199}")  # begins with no dot: neither hidden, nor `..`
_VERSION = re.compile(r"0|[1-9][0-9]{0,17}")  # what Triton takes for a version: no leading zeros
_DEEPEST = 8

FILES, RELEASES, TAGS, PARTIAL = "files/", "releases/", "tags/", "partial/"
CARD, PARITY, CONFIG, CONFIGS = "model.json", "parity.json", "config.pbtxt", "configs"


class Part(StrEnum):
    """What a file of a release is for."""

    DOCUMENT = "document"  # what a gateway reads: configs, labels, cards, catalogs
    MODEL = "model"  # what Triton loads besides: weights
    TRAINING = "training"  # what a converter needs to go on from


_DOCUMENTS = {".json", ".jsonl", ".pbtxt", ".png", ".txt"}
_TRAINING = {".skops"}


def file_name(sha256: str) -> str:
    """Return where a store keeps the file of this hash."""
    return f"{FILES}{sha256}"


def release_name(release: str) -> str:
    """Return where a store keeps the document of this release."""
    return f"{RELEASES}{release}.json"


def tag_name(tag: str) -> str:
    """Return where a store keeps this tag."""
    return f"{TAGS}{tag}"


def is_id(text: str) -> bool:
    """Tell whether this can be a release's id."""
    return ID.fullmatch(text) is not None


def is_tag(text: str) -> bool:
    """Tell whether this can be a tag: no release's id looks like it."""
    return TAG.fullmatch(text) is not None and not is_id(text)


def is_version(name: str) -> bool:
    """Tell whether Triton takes a folder of this name for a version."""
    return _VERSION.fullmatch(name) is not None


def is_path(path: str) -> bool:
    """Tell whether this can be a file's path in a release: within a model's folder, by plain names, hidden nowhere."""
    parts = path.split("/")
    return 2 <= len(parts) <= _DEEPEST and all(map(_PART.fullmatch, parts))


def model(path: str) -> str:
    """Return the model that a file belongs to."""
    return path.partition("/")[0]


def version(path: str) -> int | None:
    """Return the version that a file belongs to; None for what belongs to all of the model."""
    parts = path.split("/")
    return int(parts[1]) if len(parts) > 2 and is_version(parts[1]) else None


def part(path: str) -> Part:
    """Return what a file is for, told by its name."""
    suffix = PurePosixPath(path).suffix
    if version(path) is None or suffix in _DOCUMENTS:
        return Part.DOCUMENT
    return Part.TRAINING if suffix in _TRAINING else Part.MODEL
