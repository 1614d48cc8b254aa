"""Keras' weight files: only numbers are read, never the description of a model, which could hold code.

Import it after `keras_runtime.prepare`. Keras itself refuses HDF5 files that point at other files.
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import h5py
import keras

from converters.errors import WeightsError
from converters.image.weight_values import WHAT_WEIGHTS_ARE, check_values

_SUFFIXES = (".keras", ".h5", ".hdf5")
_INSIDE = "model.weights.h5"  # of a .keras archive
_LAYERS = ("layers/", "_layer_checkpoint_dependencies/")  # where Keras 3 puts the weights, beside the optimizer's
_HINT = "use weights of keras.applications.ResNet152 with its top, saved by Keras as .weights.h5, .h5 or .keras"


def load_weights(network: keras.Model, path: Path) -> None:
    """Put a file's weights into `network`.

    Raises WeightsError for a file that is missing, damaged, of another network, or holds NaN or infinity; no tensor is
    read that is larger than the network's largest.
    """
    if path.suffix not in _SUFFIXES:
        raise WeightsError(f"{path.name} does not end in {', '.join(_SUFFIXES)}", hint=_HINT)
    with _failures_translated(path):
        _check_sizes(network, path)
        network.load_weights(path)
    for variable in network.variables:
        check_values(variable.numpy(), variable.path, path.name)


def _check_sizes(network: keras.Model, path: Path) -> None:
    """Raise WeightsError when a file has tensors that are too large, or layers that the network has not."""
    largest = max(int(variable.numpy().size) for variable in network.variables)
    layers = 0

    def visit(name: str, item: h5py.Dataset | h5py.Group) -> None:
        nonlocal layers
        if isinstance(item, h5py.Dataset):
            layers += name.startswith(_LAYERS)
            if item.size > largest:
                text = f"{path.name}: {name[:60]} has {item.size:,} values, the network's largest tensor {largest:,}"
                raise WeightsError(text, hint=_HINT)

    with _opened(path) as file, h5py.File(file) as weights:
        weights.visititems(visit)
    if layers > len(network.variables):
        raise WeightsError(
            f"{path.name} holds {layers:,} tensors, the network has {len(network.variables):,}", hint=_HINT
        )


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The HDF5 file: the path's own, or the one inside an archive."""
    if path.suffix != ".keras":
        with path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive, archive.open(_INSIDE) as inside:
        yield inside


@contextmanager
def _failures_translated(path: Path) -> Iterator[None]:
    try:
        yield
    except WeightsError:
        raise
    except OSError as reason:
        if reason.strerror is None:  # HDF5's own
            raise _unusable(path, reason) from reason
        raise WeightsError(f"cannot read {path}: {reason.strerror}", hint=WHAT_WEIGHTS_ARE) from reason
    except Exception as reason:  # Keras, h5py and zipfile each fail in their own ways
        raise _unusable(path, reason) from reason


def _unusable(path: Path, reason: Exception) -> WeightsError:
    return WeightsError(f"{path.name} is damaged or does not fit the network: {str(reason)[:200]}", hint=_HINT)
