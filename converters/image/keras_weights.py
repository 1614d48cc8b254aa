"""Keras' weight files: only numbers are read, never the description of a model, which could hold code.

Import it after `keras_runtime.prepare`.
"""

import shutil
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras

from converters.errors import WeightsError
from converters.image import keras_intake
from converters.image.isolation import ask
from converters.image.keras_intake import HINT
from converters.image.weight_values import WHAT_WEIGHTS_ARE, check_values

_SUFFIXES = (".keras", ".h5", ".hdf5")
_INSIDE = "model.weights.h5"  # of a .keras archive
_PATIENCE = 120.0  # seconds for a file of some hundred megabytes


def load_weights(network: keras.Model, path: Path) -> None:
    """Put a file's weights into `network`.

    Raises WeightsError for a file that is missing, damaged, of another network, or holds NaN or infinity; no tensor is
    read that is larger than the network's largest.
    """
    with _numbers(path) as file:
        _check(network, file)
        try:
            with warnings.catch_warnings(action="ignore"):  # of what is then refused
                network.load_weights(file)
        except Exception as reason:  # Keras raises as it comes
            raise WeightsError(f"{path.name} does not fit the network: {str(reason)[:200]}", hint=HINT) from reason
    for variable in network.variables:
        check_values(variable.numpy(), variable.path, path.name)


@contextmanager
def _numbers(path: Path) -> Iterator[Path]:
    """The HDF5 file: `path` itself, or the one in a `.keras` archive, in a temporary folder."""
    try:
        path.open("rb").close()
    except OSError as reason:
        raise WeightsError(f"cannot read {path}: {reason.strerror}", hint=WHAT_WEIGHTS_ARE) from reason
    if path.suffix not in _SUFFIXES:
        raise WeightsError(f"{path.name} does not end in {', '.join(_SUFFIXES)}", hint=HINT)
    if path.suffix != ".keras":
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        yield _extracted(path, Path(folder, f"{path.name}.weights.h5"))


def _extracted(path: Path, target: Path) -> Path:
    try:
        with zipfile.ZipFile(path) as archive, target.open("wb") as file:
            if archive.getinfo(_INSIDE).file_size > path.stat().st_size:
                raise WeightsError(f"{path.name} is compressed", hint=HINT)  # Keras does not; a bomb would be
            with archive.open(_INSIDE) as inside:
                shutil.copyfileobj(inside, file)
    except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, RuntimeError, OSError, EOFError) as reason:
        raise WeightsError(f"{path.name} is damaged, or no file of Keras: {reason}", hint=HINT) from reason
    return target


def _check(network: keras.Model, path: Path) -> None:
    """Raise WeightsError for what cannot be read without danger, and for layers that the network has not."""
    known = len(network.variables)
    largest = max(int(variable.numpy().size) for variable in network.variables)
    found = ask(keras_intake.__name__, path, str(largest), failure=WeightsError, timeout=_PATIENCE)
    if found > known:
        raise WeightsError(f"{path.name} holds {found:,} tensors, the network has {known:,}", hint=HINT)
