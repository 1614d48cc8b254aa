"""What a version must prove before it is released: it is complete, and its files say the same of each other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from registry import names
from registry.origin import read_object
from registry.release import Release

_MODEL_FILES = {".onnx", ".xml", ".plan", ".pt", ".pb"}  # what backends load


def faults(folder: Path, release: Release) -> list[str]:
    """Return what is wrong with the versions of a release made from this folder, a line for each."""
    return [
        f"{model}/{version}: {fault}"
        for model, versions in release.versions.items()
        for version in versions
        for fault in _of_version(folder, release, model, version)
    ]


def _of_version(folder: Path, release: Release, model: str, version: int) -> Iterator[str]:
    hashes = {file.path.split("/", 2)[2]: file.sha256 for file in release.of(model, version)}
    sizes = {file.path.split("/", 2)[2]: file.size for file in release.of(model, version)}
    if not any(size and Path(name).suffix in _MODEL_FILES for name, size in sizes.items()):
        yield "it has no model file, or an empty one"
    yield from _card_faults(read_object(folder / model / str(version) / names.CARD), model, version, hashes)
    yield from _parity_faults(read_object(folder / model / str(version) / names.PARITY))


def _card_faults(card: dict[str, Any], model: str, version: int, hashes: dict[str, str]) -> Iterator[str]:
    if not card:
        yield f"{names.CARD} is missing or unreadable"
        return
    if (card.get("model"), card.get("version")) != (model, version):
        yield f"{names.CARD} is of {card.get('model')}/{card.get('version')}"
    stated = card.get("labels_sha256")
    if stated is not None and stated != hashes.get("labels.txt"):
        yield f"labels.txt is not the file that {names.CARD} names (SHA-256)"


def _parity_faults(parity: dict[str, Any]) -> Iterator[str]:
    """A certificate states the largest difference found, as a whole or for FP32, and what is allowed."""
    stated = [each for each in (parity, parity.get("fp32")) if isinstance(each, dict) and "largest_difference" in each]
    if not stated:
        yield f"it has no parity certificate: {names.PARITY} is missing, unreadable or states no largest_difference"
    for part in stated:
        found, allowed = part["largest_difference"], part.get("tolerance")
        if not (isinstance(found, int | float) and isinstance(allowed, int | float) and found <= allowed):
            yield f"{names.PARITY} states a difference of {found}, {allowed} is allowed"
