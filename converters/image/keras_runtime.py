"""TensorFlow and Keras: loaded on demand, on the CPU, without their chatter."""

import importlib
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from converters.errors import ConversionError

_PACKAGES = ("tensorflow", "keras", "tf2onnx", "h5py")


def prepare() -> None:
    """Make `import keras` work, and quietly; raises ConversionError when a package is missing.

    A process that uses Keras with another backend already cannot convert with TensorFlow.
    """
    if "keras" in sys.modules:
        _refuse_other_backends()
    else:
        os.environ["KERAS_BACKEND"] = "tensorflow"
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # errors only; read at import
    with _quiet():
        for package in _PACKAGES:
            _import(package)
        _set_up()


def _import(package: str) -> None:
    try:
        importlib.import_module(package)
    except ImportError as reason:
        raise ConversionError(
            f"--framework keras needs the package {package}, which cannot be imported: {reason}",
            hint="pip install 'realtime-scoring[keras]'",
        ) from reason


def _refuse_other_backends() -> None:
    backend = sys.modules["keras"].backend.backend()
    if backend != "tensorflow":
        raise ConversionError(f"Keras runs on {backend} here, not on TensorFlow", hint="unset KERAS_BACKEND")


def _set_up() -> None:
    """What a user's ~/.keras/keras.json may say otherwise, and what TensorFlow does with a GPU that it finds."""
    keras, tensorflow = sys.modules["keras"], sys.modules["tensorflow"]
    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    tensorflow.config.set_visible_devices([], "GPU")
    tensorflow.get_logger().setLevel("ERROR")


@contextmanager
def _quiet() -> Iterator[None]:
    """Send warnings and standard error nowhere: TensorFlow's C++ parts write there before any setting counts."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
