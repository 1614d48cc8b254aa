"""What `scoring convert` says of a model beside it: proof of parity, and its card."""

import re
from collections.abc import Iterator
from typing import Any, TypeGuard

from doctor.check import version_check
from doctor.files import UnreadableError, read_object
from doctor.finding import Fault, risky, wrong
from doctor.patient import Patient
from doctor.repository.model import CARD_BYTES, Version
from doctor.tree import mapping
from doctor.wording import listed

_AGAIN = "publish it again: scoring convert"
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
    agreement = mapping(proof, "precision")
    found, least = agreement.get("top_1"), agreement.get("least_agreement")
    if _number(found) and _number(least) and found < least:
        yield wrong(
            f"parity.json: {agreement.get('precision')} keeps the best class of {found:.1%} of the pictures, "
            f"{least:.1%} were demanded",
            f"serve another version, and {_AGAIN}",
        )


def _number(value: Any) -> TypeGuard[float]:
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
    stated, kept = card.get("precision"), version.graph.precision if version.graph else None
    if stated and kept and stated != kept:
        yield wrong(f"model.json says precision {stated}, the weights of model.onnx are {kept}", _AGAIN)
    digest, prefixes = card.get("digest"), _prefixes(version)
    if isinstance(digest, str) and prefixes and not any(map(digest.startswith, prefixes)):
        yield wrong(
            f"model.onnx was made with the digest {listed(sorted(prefixes))}..., model.json says {digest[:12]}...: "
            "they are of two different versions",
            _AGAIN,
        )


def _prefixes(version: Version) -> set[str]:
    names = version.graph.tensor_names if version.graph else ()
    return {found[1] for found in map(_PREFIX.match, names) if found}


@version_check("untrained", "The weights are trained.")
def untrained(version: Version, _: Patient) -> Iterator[Fault]:
    """Random weights are for load tests."""
    if version is version.model.newest and version.card.get("weights") == "untrained":
        yield risky(
            "its weights are random: it is as fast as a trained model, and its answers mean nothing",
            "publish trained ones: scoring convert resnet152 --weights FILE",
        )


CHECKS = [parity, parity_stale, model_card, untrained]
