"""The queries by which KEDA scales, as the manifests have them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

_FOLDER = Path(__file__).parents[2] / "components" / "autoscaling"
_ONE_MORE = "/spec/triggers/-"  # where a patch adds a trigger


class Trigger(NamedTuple):
    """One trigger: KEDA wants as many pods as its query holds thresholds."""

    name: str
    query: str
    threshold: str


def triggers(scaled: str) -> list[Trigger]:
    """Return all triggers of a ScaledObject, those of variants that add some among them."""
    found = {each.name: each for each in (*_objects(scaled), *_patches(scaled))}
    return list(found.values())


def _objects(scaled: str) -> Iterator[Trigger]:
    for document in _documents(scaled):
        if isinstance(document, dict):
            yield from map(_trigger, document["spec"]["triggers"])


def _patches(scaled: str) -> Iterator[Trigger]:
    for document in _documents(scaled):
        if isinstance(document, list):
            yield from (_trigger(each["value"]) for each in document if each["path"] == _ONE_MORE)


def _documents(scaled: str) -> list[Any]:
    return [yaml.safe_load(path.read_text()) for path in sorted(_FOLDER.rglob(f"{scaled}.yaml"))]


def _trigger(manifest: dict[str, Any]) -> Trigger:
    metadata = manifest["metadata"]
    return Trigger(manifest["name"], " ".join(metadata["query"].split()), metadata["threshold"])
