"""Reads all of an HDF5 file in a process of its own: the HDF5 library loops forever on some damaged files.

    python -m converters.image.keras_intake FILE LARGEST

replies the number of tensors that belong to layers; no tensor of more than LARGEST values is read.
"""

import sys
from pathlib import Path

import h5py

from converters.errors import WeightsError
from converters.image.isolation import reply

HINT = "use weights of keras.applications.ResNet152 with its top, saved by Keras as .weights.h5, .h5 or .keras"
_LAYERS = ("layers/", "_layer_checkpoint_dependencies/")  # where Keras 3 puts the weights, beside the optimizer's
_MEMORY = 4 * 2**30  # bytes


def count(path: Path, largest: int) -> int:
    """Read everything; raises WeightsError for a tensor that is too large, and for what h5py cannot read."""
    layers = 0

    def visit(name: str, item: h5py.Dataset | h5py.Group) -> None:
        nonlocal layers
        list(item.attrs.items())
        if isinstance(item, h5py.Dataset):
            _refuse_larger(name, item, largest)
            item[()]
            layers += name.startswith(_LAYERS)

    try:
        with h5py.File(path) as weights:
            list(weights.attrs.items())
            weights.visititems(visit)
    except WeightsError:
        raise
    except Exception as reason:  # h5py raises as it comes
        raise WeightsError(f"it is damaged, or no file of Keras: {reason}", hint=HINT) from reason
    return layers


def _refuse_larger(name: str, item: h5py.Dataset, largest: int) -> None:
    if item.size and item.size > largest:
        raise WeightsError(f"{name[:60]} has {item.size:,} values, the network's largest tensor {largest:,}", hint=HINT)
    if item.external or item.is_virtual:
        raise WeightsError(f"{name[:60]} points at another file", hint=HINT)


if __name__ == "__main__":
    reply(lambda: count(Path(sys.argv[1]), int(sys.argv[2])), _MEMORY)
