"""From a core to all files of a version, each made with the published model file itself."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from converters.errors import ModelError
from converters.image import golden, labels, precision
from converters.image.agreement import Agreement, measure, refuse_below
from converters.image.core import CLASSES, UNTRAINED, Core
from converters.image.engines import LABEL_FILE, MODEL
from converters.image.image_folder import NO_CLASS, ImageFolder, Photos
from converters.image.parity import Parity, compare
from converters.image.scenes import SEED, scenes
from converters.image.session import ImageSession
from converters.image.wrapping import wrap
from converters.progress import Progress
from converters.publish import write_json

MODEL_FILE = "model.onnx"
GENERATED = 64  # pictures on which FP16 is compared when the user gives none


@dataclass(frozen=True)
class Order:
    """What is to be made: `precision`, with the least share of best classes that it must keep (0: any)."""

    digest: str
    precision: str
    least_agreement: float
    libraries: Mapping[str, str]


@dataclass(frozen=True)
class Made:
    """What was measured on the way; `agreement` is None for FP32."""

    parity: Parity
    agreement: Agreement | None


def make(core: Core, order: Order, photos: ImageFolder | None, folder: Path, number: int, progress: Progress) -> Made:
    """Fill a version's folder.

    Raises ParityError when the graph does not answer as the framework, or the lower precision not as FP32; ModelError
    for a network that cannot be made into such a file.
    """
    progress.step("Comparing the exported network with the original")
    path = folder / MODEL_FILE
    parity = compare(core, _write(core, order.digest, path))
    agreement = _reduce(core, order, photos, path, progress) if order.precision != "fp32" else None
    progress.step("Choosing the picture for the readiness check")
    chosen = golden.choose(ImageSession(path), core.spec)
    (folder / golden.FILE).write_bytes(chosen.png)
    (folder / LABEL_FILE).write_text(labels.text(), encoding="utf-8")
    write_json(folder / "parity.json", _proof(core, order, photos, parity, agreement))
    write_json(folder / "model.json", _card(core, order, number, chosen))
    return Made(parity, agreement)


def _write(core: Core, digest: str, path: Path) -> ImageSession:
    """Write the wrapped core, and open what was written."""
    onnx.save(wrap(core, digest), path)
    try:
        onnx.checker.check_model(path)
        return ImageSession(path)
    except Exception as reason:  # a foreign graph fails in as many ways as it has operators
        raise ModelError(
            f"ONNX Runtime cannot run the network: {reason}", hint="is the file of an image classifier, in opset 20?"
        ) from reason


def _reduce(core: Core, order: Order, photos: ImageFolder | None, path: Path, progress: Progress) -> Agreement:
    """Put the model in the lower precision in place of the one in FP32; raises ParityError when they disagree.

    The one in FP32 is opened again for the comparison: kept open, it would take half a gigabyte all the while.
    """
    fp32 = path.rename(path.with_name("fp32.onnx"))
    progress.step(f"Converting to {order.precision}")
    reduced = precision.reduced(core, order.precision, photos, path.parent, progress)
    session = _write(reduced, order.digest, path)
    progress.step(f"Comparing {order.precision} with fp32")
    held_out = photos.held_out if photos else _generated()
    agreement = measure(
        order.precision,
        ImageSession(fp32),
        session,
        held_out,
        lambda batches: progress.track(batches, "Batches of held-out pictures"),
    )
    fp32.unlink()
    refuse_below(agreement, order.least_agreement)
    return agreement


def _generated() -> Photos:
    return Photos(scenes(GENERATED), np.full(GENERATED, NO_CLASS))


def _proof(
    core: Core, order: Order, photos: ImageFolder | None, parity: Parity, agreement: Agreement | None
) -> dict[str, Any]:
    """What `parity.json` says."""
    proof: dict[str, Any] = {"fp32": {**asdict(parity), "inputs": f"generated scenes, seed {SEED}"}}
    if agreement:
        inputs = "held-out pictures of the folder" if photos else f"generated scenes, seed {SEED}"
        least = {"least_agreement": order.least_agreement}
        proof["precision"] = {**asdict(agreement), **least, "inputs": inputs}
    if photos:
        proof["folder"] = {
            "calibrated_on": len(photos.calibration) if order.precision == "int8" else 0,
            "held_out": len(photos.held_out.pixels),
            "unreadable": len(photos.unreadable),
        }
    if core.weights == UNTRAINED:
        proof["note"] = "Random weights: agreement says nothing about accuracy."
    return {**proof, "weights": core.weights, "libraries": dict(order.libraries)}


def _card(core: Core, order: Order, number: int, chosen: golden.Golden) -> dict[str, Any]:
    """What `model.json` says."""
    return {
        "model": MODEL,
        "version": number,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "digest": order.digest,
        "framework": core.framework,
        "weights": core.weights,
        "precision": order.precision,
        "classes": CLASSES,
        "labels_sha256": labels.read().sha256,
        "preprocessing": asdict(core.spec),
        "golden": {"class": chosen.label, "probability": chosen.probability},
    }
