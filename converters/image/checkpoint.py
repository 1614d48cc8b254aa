"""Checkpoints of PyTorch, loaded without executing anything that stands in them."""

import re
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from converters.errors import WeightsError
from converters.image.weight_values import WHAT_WEIGHTS_ARE

State = dict[str, Tensor]
_WRAPPERS = ("state_dict", "model", "model_state_dict")  # where training scripts put the weights
_PREFIXES = ("module.", "model.", "_orig_mod.")  # DataParallel, Lightning, torch.compile
_FOREIGN = re.compile(r"(?<=GLOBAL )[\w.]+|TorchScript")  # how torch names what it refuses to execute
HOW_TO_SAVE = "save it with torch.save(model.state_dict(), path) or safetensors.torch.save_file"


def read_checkpoint(path: Path) -> State:
    """The tensors of a `.pth`, `.pt` or `.safetensors` file by name; the content decides which it is.

    Weights inside a dictionary with other things (`{"state_dict": …}`) are taken out, and prefixes like `module.` that
    all names share are cut off.

    Raises WeightsError for a file that is missing, truncated, not a checkpoint, or holds anything but tensors; nothing
    of a file is executed, and no more memory is taken than its size asks for.
    """
    try:
        content = _content(path)
    except OSError as reason:
        raise WeightsError(f"cannot read {path}: {reason.strerror or reason}", hint=WHAT_WEIGHTS_ARE) from reason
    except WeightsError:
        raise
    except Exception as reason:  # a damaged file fails in as many ways as its format has layers
        raise _refused(path, str(reason)) from reason
    return _without_prefixes(_tensors(path, content))


def _content(path: Path) -> Any:
    if path.exists() and not path.is_file():
        raise WeightsError(f"{path} is not a file", hint="name the checkpoint itself")
    with path.open("rb") as file:
        start = file.read(9)
    if start[8:] == b"{":  # after the length of the header; see the format's description in safetensors' README
        return load_file(path)
    _refuse_bombs(path)
    with warnings.catch_warnings(action="ignore"):  # of what is then refused
        return torch.load(path, map_location="cpu", weights_only=True)


def _refuse_bombs(path: Path) -> None:
    """Raise WeightsError for an archive that unpacks to more than its own size: torch stores tensors as they are."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > (size := path.stat().st_size):
        raise WeightsError(f"{path.name} has {size:,} bytes but claims to hold {unpacked:,}", hint=HOW_TO_SAVE)


def _refused(path: Path, reason: str) -> WeightsError:
    if foreign := _FOREIGN.search(reason):
        return WeightsError(
            f"{path.name} holds {foreign[0][:60]}, which would have to be executed; it was not",
            hint=f"only tensors are loaded; {HOW_TO_SAVE}",
        )
    return WeightsError(
        f"{path.name} ({path.stat().st_size:,} bytes) is truncated, or no checkpoint of PyTorch or safetensors",
        hint="fetch the file again and compare its size and checksum with the source's",
    )


def _tensors(path: Path, content: Any) -> State:
    """Find the mapping of names to tensors in what a file held."""
    wrapped = [content[key] for key in _WRAPPERS if isinstance(content, Mapping) and key in content]
    found = next((inner for inner in wrapped if isinstance(inner, Mapping)), content)
    if not isinstance(found, Mapping) or not found:
        raise WeightsError(f"{path.name} holds no tensors by name but {_kind(found)}", hint=HOW_TO_SAVE)
    for name, value in found.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            raise WeightsError(
                f"{path.name} holds {_kind(value)} as {str(name)[:60]!r}, not a tensor", hint=HOW_TO_SAVE
            )
    return dict(found)


def _kind(value: object) -> str:
    if isinstance(value, Mapping) and not value:
        return "an empty dictionary"
    return f"a {type(value).__name__}"


def _without_prefixes(tensors: State) -> State:
    for prefix in _PREFIXES * 2:  # in any order
        if all(name.startswith(prefix) for name in tensors):
            tensors = {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
    return tensors
