"""What `scoring convert` leaves beside a model: proof of parity, the card, the catalog, the labels."""

import hashlib
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from doctor.check import version_check
from doctor.files import UnreadableError, read_bytes, read_object, read_text
from doctor.finding import Fault, risky, wrong
from doctor.patient import Patient
from doctor.repository.model import CARD_BYTES, Version
from doctor.wording import listed

_AGAIN = "publish it again: scoring convert"
_CATALOG_BYTES = 1 << 30
_LABEL_BYTES = 64 << 20
_SLACK = 60.0  # seconds: a copied folder keeps no order among its files
_PREFIX = re.compile(r"([0-9a-f]{12})/")  # of tensors in the image graph: the beginning of the digest


@version_check("parity", "parity.json proves that the model answers as the one that it was made from.")
def parity(version: Version, _: Patient) -> Iterator[Fault]:
    """Differences are stated beside the tolerance that was allowed."""
    try:
        proof = read_object(version.folder / "parity.json", CARD_BYTES)
    except UnreadableError as error:
        yield wrong(f"parity.json {error}: nobody knows whether the model answers as it should", _AGAIN)
        return
    compared = [proof, proof.get("fp32")]
    parts = [each for each in compared if isinstance(each, dict) and "largest_difference" in each]
    if not parts:
        yield wrong("parity.json states no largest_difference: it proves nothing", _AGAIN)
    for part in parts:
        found, allowed = part["largest_difference"], part.get("tolerance")
        if not (_number(found) and _number(allowed) and found <= allowed):
            yield wrong(
                f"parity.json: the largest difference is {found}, {allowed} is allowed (worst: {part.get('worst')})",
                f"serve another version, and {_AGAIN}",
            )


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and value == value  # noqa: PLR0124  not a NaN


@version_check("parity-stale", "model.onnx has not changed since it was compared.")
def parity_stale(version: Version, _: Patient) -> Iterator[Fault]:
    """Publishing writes the model first and its proof afterwards."""
    try:
        later = version.onnx.stat().st_mtime - (version.folder / "parity.json").stat().st_mtime
    except OSError:
        return
    if later > _SLACK:
        yield risky(
            "model.onnx is newer than parity.json: the proof may belong to another file",
            f"{_AGAIN} --force; if the folder was copied, copy it with its times (cp -a)",
        )


@version_check("model-card", "model.json describes this version of this model.")
def model_card(version: Version, _: Patient) -> Iterator[Fault]:
    """The gateway refuses to answer for a version whose card contradicts its folder."""
    try:
        card = read_object(version.folder / "model.json", CARD_BYTES)
    except UnreadableError as error:
        yield wrong(f"model.json {error}: the gateway cannot answer for this version", _AGAIN)
        return
    for key, expected in (("model", version.model.name), ("version", version.number)):
        if card.get(key) != expected:
            yield wrong(
                f"model.json says {key} {card.get(key)!r}, its folder {expected!r}",
                f"do not rename or copy version folders; {_AGAIN}",
            )
    digest, stated = card.get("digest"), _prefixes(version)
    if isinstance(digest, str) and stated and not any(digest.startswith(prefix) for prefix in stated):
        yield wrong(
            f"model.onnx was made with the digest {listed(sorted(stated))}..., model.json says {digest[:12]}...: they "
            "are of two different versions",
            _AGAIN,
        )


def _prefixes(version: Version) -> set[str]:
    names = version.graph.tensor_names if version.graph else ()
    return {found[1] for found in map(_PREFIX.match, names) if found}


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
    for number, line in enumerate(islice(lines, None), 1):
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


@version_check("untrained", "The weights are trained.")
def untrained(version: Version, _: Patient) -> Iterator[Fault]:
    """Random weights are for load tests."""
    if version is version.model.newest and version.card.get("weights") == "untrained":
        yield risky(
            "its weights are random: it is as fast as a trained model, and its answers mean nothing",
            "publish trained ones: scoring convert resnet152 --weights FILE",
        )


CHECKS = [parity, parity_stale, model_card, catalog, labels, untrained]
