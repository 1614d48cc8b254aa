"""An image classifier that knows plain colours, and its model repository.

The class of a picture has three digits: how much red, green and blue it holds, each from 0 to 9.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.pictures import encode

CLASSES = 1000
GOLDEN = 417

_LABELS = Path(__file__).parents[2] / "model_repository" / "resnet152" / "labels.txt"
LABELS = [(line[:9], line[10:]) for line in _LABELS.read_text().splitlines()]


def picture(number: int, format_: str = "PNG", width: int = 224, height: int = 224) -> bytes:
    """A picture of the colour that the classifier takes for a class."""
    colour = [round(int(digit) * 255 / 9) for digit in f"{number:03}"]
    return encode(np.full((height, width, 3), colour, np.uint8), format_)


def classify(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the probabilities of images [N,224,224,3]: a half for its class, a quarter for the next ..."""
    digits = np.rint(images.mean(axis=(1, 2)) * 9 / 255).astype(int)
    classes = digits @ [100, 10, 1]
    places = (np.arange(CLASSES) - classes[:, None]) % CLASSES  # [N,1000]
    probabilities: NDArray[np.float32] = (0.5 ** (places + 1.0)).astype(np.float32)
    return probabilities


def write_image_version(repository: Path, version: int = 1, **changes: Any) -> Path:
    """Write a version's labels, golden picture and card; `changes` replace fields of the card."""
    folder = repository / "resnet152" / str(version)
    folder.mkdir(parents=True)
    labels = _LABELS.read_bytes()
    (folder / "labels.txt").write_bytes(labels)
    (folder / "golden.png").write_bytes(picture(GOLDEN))
    card = {
        "model": "resnet152",
        "version": version,
        "created": "2026-11-24T06:00:00+00:00",
        "digest": "0" * 64,
        "framework": "torch",
        "weights": "imagenet-v2",
        "precision": "fp32",
        "classes": CLASSES,
        "labels_sha256": hashlib.sha256(labels).hexdigest(),
        "preprocessing": {"resize": 232, "crop": 224, "filter": "bilinear"},
        "golden": {"class": GOLDEN, "probability": 0.5},
        "libraries": {},
    }
    (folder / "model.json").write_text(json.dumps(card | changes))
    return folder
