"""Tensors that an ONNX file keeps in files beside it: checked, then taken in.

ONNX external data (onnx/docs/ExternalData.md): a tensor names a file by a path relative to the model's folder, an
offset and a length. Nothing outside that folder is opened, whatever the paths and links say.
"""

from pathlib import Path, PurePosixPath

import onnx
from onnx import external_data_helper

from converters.errors import ModelError
from converters.image.onnx_parts import parts

LARGEST = 2**31 - 1  # bytes that a protobuf message can have
_HINT = "save the model as one file: onnx.save(onnx.load(path), path, save_as_external_data=False)"


def take_in(model: onnx.ModelProto, folder: Path) -> int:
    """Read all external tensors into the model; return the number of their bytes.

    Raises ModelError before anything is read when a location is not a plain file inside `folder`, or when the lengths
    are not those of the files.
    """
    outside = [tensor for tensor in parts(model, onnx.TensorProto) if external_data_helper.uses_external_data(tensor)]
    total = sum(_checked_length(tensor, folder) for tensor in outside)
    if total > LARGEST:
        raise ModelError(f"its external data have {total:,} bytes, more than {LARGEST:,} in one file", hint=_HINT)
    for tensor in outside:
        try:
            external_data_helper.load_external_data_for_tensor(tensor, str(folder))
        except Exception as reason:  # onnx's own checks, among them those against a link put there just now
            raise ModelError(f"external data of {tensor.name[:60]!r}: {reason}", hint=_HINT) from reason
    return total


def _checked_length(tensor: onnx.TensorProto, folder: Path) -> int:
    """The bytes that a tensor will read."""
    entries = {entry.key: entry.value for entry in tensor.external_data}
    location = entries.get("location", "")
    size = _file_size(location, folder)
    numbers = [entries.get("offset", "0"), entries.get("length", "")]
    if not all(number.isdecimal() or not number for number in numbers):
        raise ModelError(f"external data in {location[:100]!r} have no numbers for offset and length", hint=_HINT)
    offset = int(numbers[0] or 0)
    length = int(numbers[1] or max(size - offset, 0))
    if offset + length > size:
        end = f"end at byte {offset + length:,}, the file at {size:,}"
        raise ModelError(f"external data in {location[:100]!r} {end}", hint="the file is truncated; fetch it again")
    return length


def _file_size(location: str, folder: Path) -> int:
    """Size of a file in the folder; raises ModelError for any other place, and for links."""
    path = PurePosixPath(location)
    if not location or path.is_absolute() or ".." in path.parts or "\\" in location or "\0" in location:
        raise ModelError(f"external data lie outside the model's folder: {location[:100]!r}", hint=_HINT)
    steps = [folder.joinpath(*path.parts[:depth]) for depth in range(1, len(path.parts) + 1)]
    if any(step.is_symlink() for step in steps):
        raise ModelError(f"external data are reached through a symbolic link: {location[:100]!r}", hint=_HINT)
    if not steps or not steps[-1].is_file():
        raise ModelError(f"external data are missing: {location[:100]!r}", hint="put the file beside the model")
    return steps[-1].stat().st_size
