"""ResNet-152 out of Keras: random weights, its official ones, or a user's file."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from converters.image import weights_file
from converters.image.core import IMAGENET, NORMALISATIONS, UNTRAINED, Core, Floats
from converters.image.download import Remote
from converters.image.keras_runtime import prepare
from converters.progress import Progress
from preprocessing.image import ImageSpec

# keras/src/applications/resnet.py, WEIGHTS_HASHES
_FILE = "resnet152_weights_tf_dim_ordering_tf_kernels.h5"
_OFFICIAL = Remote(
    url=f"https://storage.googleapis.com/tensorflow/keras-applications/resnet/{_FILE}",
    name=_FILE,
    algorithm="md5",
    checksum="100835be76be38e30d865e96f2aaae62",
)


def load(weights: str, seed: int = 0, progress: Progress | None = None) -> Core:
    """`keras.applications.ResNet152` with `weights`: "untrained" (`seed`), "imagenet", a path or an https URL.

    Raises WeightsError when they cannot be had, are damaged or do not fit; ConversionError without the Keras packages.
    """
    path = locate(weights, progress)
    prepare()
    # TensorFlow takes seconds and half a gigabyte; what only needs to know where the weights are does without.
    from converters.image import keras_export, keras_network  # noqa: PLC0415

    network = keras_network.restored(path) if path else keras_network.untrained(seed)
    return Core(
        model=keras_export.export(network),
        normalisation=NORMALISATIONS["keras-caffe"],
        softmax=False,
        spec=ImageSpec(resize=256),
        framework="keras",
        weights=weights if weights in {UNTRAINED, IMAGENET} else weights_file.name(weights),
        reference=_channels_first(keras_network.as_graph(network)),
    )


def locate(weights: str, progress: Progress | None = None) -> Path | None:
    """The file that holds the weights, downloaded into Keras' cache where it has to be; None for "untrained"."""
    home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    return weights_file.locate(weights, {IMAGENET: _OFFICIAL}, home / "models", progress)


def _channels_first(forward: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    """What reads [n, 3, 224, 224], as the exported graph does, out of what reads [n, 224, 224, 3]."""
    return lambda images: forward(np.ascontiguousarray(images.transpose(0, 2, 3, 1)))
