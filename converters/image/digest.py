"""What a version was made of, as one hash, found without importing a framework: a second run takes a moment."""

import hashlib
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath

import preprocessing.image
from converters.errors import WeightsError
from converters.image import image_folder, labels
from converters.image.core import IMAGENET, UNTRAINED
from converters.image.options import Options

OFFICIAL = (IMAGENET, "imagenet-v1", "imagenet-v2")
_LIBRARIES = ("numpy", "onnx", "onnxruntime", "pillow")
# Of external data: the entry `location` of a map, its value's length below 128 (onnx.proto, StringStringEntryProto).
_LOCATION = re.compile(rb"\x0a\x08location\x12([\x01-\x7f])", re.DOTALL)
_OF_SOURCE = {"torch": ("torch", "onnxscript"), "keras": ("keras", "tensorflow-cpu", "tf2onnx"), "onnx": ()}


def digest(options: Options, weights: str) -> str:
    """SHA-256 over all that decides the outcome: weights, options, calibration pictures, this code and the libraries.

    A file counts with its content, an address on the network as it is written. Raises ConversionError for a file or
    folder that cannot be read.
    """
    seed = options.seed if weights == UNTRAINED else None
    asked = (options.source, options.preprocess, options.resize, options.precision, seed)
    photos = image_folder.fingerprint(options.calibration) if options.calibration else None
    inputs = repr((asked, _identity(options.onnx, weights), photos, libraries(options.source), labels.text()))
    return hashlib.sha256("\0".join([inputs, *_code()]).encode()).hexdigest()


def libraries(source: str) -> dict[str, str]:
    """Versions of the libraries that the result depends on; "missing" for one that is not installed."""
    return {name: _version(name) for name in (*_LIBRARIES, *_OF_SOURCE[source])}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _code() -> list[str]:
    folders = (Path(__file__).parent, Path(preprocessing.image.__file__).parent)
    return [path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.glob("*.py"))]


def _identity(onnx: Path | None, weights: str) -> tuple[str, str]:
    """A name and, for a file, the hash of its content; tensors beside an ONNX file count with it."""
    if onnx is None and (weights in {UNTRAINED, *OFFICIAL} or "://" in weights):
        return weights, ""
    path = onnx or Path(weights)
    try:
        return path.name, " ".join(_hash(file) for file in ([path, *_beside(path)] if onnx else [path]))
    except OSError as reason:
        raise WeightsError(
            f"cannot read {path}: {reason.strerror or reason}", hint="check the path and its permissions"
        ) from reason


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _beside(path: Path) -> list[Path]:
    """The files beside an ONNX file in which it keeps tensors.

    Their names are looked for in its bytes: parsing what nobody has checked yet is left to a process of its own.
    """
    content = path.read_bytes()
    found = {content[entry.end() : entry.end() + entry[1][0]] for entry in _LOCATION.finditer(content)}
    names = sorted(PurePosixPath(name.decode(errors="replace")) for name in found)
    inside = (path.parent / name for name in names if not name.is_absolute() and ".." not in name.parts)
    return [file for file in inside if file.is_file()]
