"""What turns a version's outputs into answers: the FAQ's catalog, the names of classes."""

import hashlib
import json
from collections.abc import Iterator

from doctor.check import version_check
from doctor.files import UnreadableError, read_bytes, read_text
from doctor.finding import Fault, wrong
from doctor.patient import Patient
from doctor.repository.model import Version
from doctor.wording import listed

_AGAIN = "publish it again: scoring convert"
_CATALOG_BYTES = 1 << 30
_LABEL_BYTES = 64 << 20


@version_check("catalog", "A FAQ version's catalog has an answer for every id that its model returns.")
def catalog(version: Version, _: Patient) -> Iterator[Fault]:
    """A version without "entries" on its card and entry ids in its graph is no FAQ model."""
    ids = version.graph.entry_ids if version.graph else None
    entries = version.card.get("entries")
    if ids is None and entries is None:
        return
    try:
        found = _catalog_ids(version)
    except UnreadableError as error:
        yield wrong(f"catalog.jsonl {error}: the gateway cannot turn ids into answers", _AGAIN)
        return
    if len(set(found)) < len(found):
        yield wrong("catalog.jsonl has an id twice: the gateway refuses it", _AGAIN)
    if entries is not None and entries != len(found):
        yield wrong(f"catalog.jsonl has {len(found):,} entries, model.json says {entries}", _AGAIN)
    if ids is not None and (unknown := sorted(ids - set(found))):
        yield wrong(f"the model returns ids that catalog.jsonl lacks: {listed(unknown)}", _AGAIN)
    if ids is not None and (unused := sorted(set(found) - ids)):
        yield wrong(f"catalog.jsonl has entries that the model never returns: {listed(unused)}", _AGAIN)


def _catalog_ids(version: Version) -> list[int]:
    found = []
    lines = read_text(version.folder / "catalog.jsonl", _CATALOG_BYTES).splitlines()
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            raise UnreadableError(f"has no JSON in line {number}") from None
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), int):
            raise UnreadableError(f"has no id in line {number}")
        found.append(entry["id"])
    return found


@version_check("version-labels", "The label file of an image version is the one that its card names.")
def labels(version: Version, _: Patient) -> Iterator[Fault]:
    """The gateway compares them, too, and refuses the version."""
    stated = version.card.get("labels_sha256")
    if not isinstance(stated, str):
        return
    try:
        content = read_bytes(version.folder / "labels.txt", _LABEL_BYTES)
    except UnreadableError as error:
        yield wrong(f"labels.txt {error}: the gateway cannot name classes", _AGAIN)
        return
    if hashlib.sha256(content).hexdigest() != stated:
        yield wrong("labels.txt is not the file that model.json names (SHA-256)", _AGAIN)
    count, classes = len(content.splitlines()), version.card.get("classes")
    if count != classes:
        yield wrong(f"labels.txt names {count:,} classes, model.json says {classes}", _AGAIN)


CHECKS = [catalog, labels]
