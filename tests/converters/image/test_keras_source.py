"""Keras' ResNet-152: its weight files, the graph that comes out of it, and that it answers as Keras does.

TensorFlow takes seconds to import, so modules that need it are imported in the tests.
"""

import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from converters.errors import ConversionError, WeightsError
from converters.image import keras_source
from converters.image.core import IR_VERSION, NORMALISATIONS, OPSET, Core, Floats
from converters.image.isolation import ask
from converters.image.keras_runtime import prepare
from converters.image.pictures import pictures
from preprocessing.image import ImageSpec

BATCHES = (1, 2, 3, 7, 32)


def _tiny(blocks: int = 1) -> Any:
    """A ResNet of Keras' own making, with few channels."""
    prepare()
    from keras.src.applications.resnet import ResNet, stack_residual_blocks_v1

    def stack(x: Any) -> Any:
        return stack_residual_blocks_v1(
            stack_residual_blocks_v1(x, 4, 1, stride1=1, name="conv2"), 8, blocks, name="c3"
        )

    return ResNet(stack, False, True, name="tiny", weights=None, weights_name="", classifier_activation=None)


@pytest.fixture(scope="module")
def tiny() -> Any:
    """The tiny network with random weights."""
    from converters.image import keras_network

    network = _tiny()
    keras_network.randomise(network)
    return network


@pytest.fixture(scope="module")
def core() -> Core:
    """The full network with random weights, exported once."""
    return keras_source.load("untrained")


def _shapes(core: Core) -> list[list[str | int]]:
    values = (*core.model.graph.input, *core.model.graph.output)
    return [[dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim] for value in values]


def test_says_what_belongs_to_the_weights(core: Core) -> None:
    """Keras' ResNet reads blue, green and red around their means; the network gives logits."""
    assert (core.framework, core.weights, core.softmax) == ("keras", "untrained", False)
    assert core.normalisation is NORMALISATIONS["keras-caffe"]
    assert core.spec == ImageSpec(resize=256, crop=224, filter="bilinear")


def test_graph_is_one_that_triton_reads(core: Core) -> None:
    """Batch norms are folded, nothing is transposed, and the first axes are dynamic."""
    assert _shapes(core) == [["batch", 3, 224, 224], ["batch", 1000]]
    assert [(item.domain, item.version) for item in core.model.opset_import] == [("", OPSET)]
    assert core.model.ir_version <= IR_VERSION
    operators = Counter(node.op_type for node in core.model.graph.node)
    assert operators == {"Conv": 155, "Relu": 151, "Add": 50, "Pad": 1, "MaxPool": 1, "ReduceMean": 1, "Gemm": 1}


def test_answers_as_keras_does_at_every_batch(core: Core) -> None:
    """Logits within 1e-5 of the largest, the same five best classes in the same order, and no two pictures alike."""
    images = np.ascontiguousarray(core.normalisation(pictures(max(BATCHES), seed=2)).transpose(0, 3, 1, 2))
    assert core.reference is not None
    expected = np.concatenate([core.reference(images[:16]), core.reference(images[16:])])
    session = onnxruntime.InferenceSession(core.model.SerializeToString(), providers=["CPUExecutionProvider"])
    for batch in BATCHES:
        (found,) = session.run(None, {session.get_inputs()[0].name: images[-batch:]})
        wanted = expected[-batch:]
        assert np.abs(found - wanted).max() <= 1e-5 * np.abs(wanted).max()
        assert np.array_equal(np.argsort(-found)[:, :5], np.argsort(-wanted)[:, :5])
    assert len(set(expected.argmax(axis=1).tolist())) >= 16


def test_weights_in_the_way_of_keras_batch_norms(tiny: Any) -> None:
    """Folding is right for statistics, scales and offsets of any size, which random weights do not have."""
    from converters.image import keras_export, keras_network

    network, draw = _tiny(), np.random.default_rng(0)
    for variable in network.variables:
        variable.assign(draw.uniform(0.5, 1.5, variable.shape) * np.where(len(variable.shape) == 4, 0.1, 1))
    images = draw.normal(0, 60, (3, 224, 224, 3)).astype(np.float32)
    session = onnxruntime.InferenceSession(keras_export.export(network).SerializeToString())
    (found,) = session.run(None, {"image": np.ascontiguousarray(images.transpose(0, 3, 1, 2))})
    expected = keras_network.as_graph(network)(images)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * float(np.abs(expected).max()))


def _values(network: Any) -> list[Floats]:
    return [variable.numpy() for variable in network.variables]


@pytest.mark.parametrize("name", ["mine.weights.h5", "mine.h5", "model.keras", "model.h5"])
def test_loads_what_keras_saves(tiny: Any, name: str, tmp_path: Path) -> None:
    """Weights and whole models, in the format of Keras 3 and in the one before."""
    from converters.image.keras_weights import load_weights

    path = tmp_path / name
    if name.startswith("model"):
        tiny.save(path)
    elif name == "mine.h5":
        import h5py
        from keras.src.legacy.saving import legacy_h5_format

        with h5py.File(path, "w") as file:
            legacy_h5_format.save_weights_to_hdf5_group(file, tiny)
    else:
        tiny.save_weights(path)
    network = _tiny()
    load_weights(network, path)
    assert all(np.array_equal(a, b) for a, b in zip(_values(network), _values(tiny), strict=True))


def _refused(path: Path, blocks: int = 1) -> str:
    from converters.image.keras_weights import load_weights

    with pytest.raises(WeightsError) as caught:
        load_weights(_tiny(blocks), path)
    assert caught.value.hint
    return str(caught.value)


@pytest.mark.parametrize("name", ["mine.weights.h5", "model.keras", "model.h5"])
def test_refuses_the_weights_of_another_network(tiny: Any, name: str, tmp_path: Path) -> None:
    """A network with more layers, or with fewer, is not taken for the one that is wanted."""
    for saved, wanted in ((tiny, 2), (_tiny(2), 1)):
        path = tmp_path / f"{wanted}-{name}"
        (saved.save if "model" in name else saved.save_weights)(path)
        assert path.name in _refused(path, wanted)


@pytest.mark.parametrize("name", ["mine.weights.h5", "model.keras", "model.h5"])
def test_refuses_damaged_files(tiny: Any, name: str, tmp_path: Path) -> None:
    """Empty, cut off, or with other bytes in it: there is a WeightsError, or the file was sound where it was read."""
    from converters.image.keras_weights import load_weights

    path, draw, network = tmp_path / name, np.random.default_rng(0), _tiny()
    (tiny.save if name.startswith("model") else tiny.save_weights)(path)
    whole = path.read_bytes()
    for length in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert "is damaged, or no file of Keras" in _refused(path)
    for _ in range(5):
        spoilt = bytearray(whole)
        for place in draw.integers(0, len(whole), 30):
            spoilt[place] = 255 - spoilt[place]
        path.write_bytes(spoilt)
        try:
            load_weights(network, path)
        except WeightsError:
            continue


def test_a_file_on_which_the_library_hangs_is_refused(tiny: Any, tmp_path: Path) -> None:
    """Whatever HDF5 does with a file, it is given up after a time."""
    path = tmp_path / "mine.weights.h5"
    tiny.save_weights(path)
    with pytest.raises(WeightsError, match=r"mine.weights.h5 was not read within 0 s"):
        ask("converters.image.keras_intake", path, "1000", failure=WeightsError, timeout=0.01)


def test_refuses_bad_values(tmp_path: Path) -> None:
    """NaN and variances below zero are found, and the tensor is named."""
    network = _tiny()
    layer = network.get_layer("conv1_bn")
    path = tmp_path / "mine.weights.h5"
    for variable, value in ((layer.gamma, np.nan), (layer.moving_variance, -1)):
        kept = variable.numpy()
        variable.assign(np.full(variable.shape, value))
        network.save_weights(path)
        variable.assign(kept)
        assert f"conv1_bn/{variable.name}" in _refused(path)


def test_refuses_claims_of_size(tiny: Any, tmp_path: Path) -> None:
    """A tensor of a billion values that takes no place in the file is refused before it takes any in memory."""
    import h5py

    path = tmp_path / "mine.weights.h5"
    tiny.save_weights(path)
    with h5py.File(path, "a") as file:
        del file["layers/conv2d/vars/0"]
        file.create_dataset("layers/conv2d/vars/0", (2**30,), "f4", chunks=(1024,))
    assert "layers/conv2d/vars/0 has 1,073,741,824 values" in _refused(path)


def test_refuses_files_that_point_elsewhere(tiny: Any, tmp_path: Path) -> None:
    """HDF5 can take a tensor's bytes from any file of the machine; such a file is refused."""
    import h5py

    path = tmp_path / "mine.weights.h5"
    tiny.save_weights(path)
    with h5py.File(path, "a") as file:
        shape = file["layers/dense/vars/1"].shape
        del file["layers/dense/vars/1"]
        file.create_dataset("layers/dense/vars/1", shape, "f4", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])
    assert "layers/dense/vars/1 points at another file" in _refused(path)


def test_a_models_code_is_not_executed(tiny: Any, tmp_path: Path) -> None:
    """Of a .keras archive only the numbers are read: a description that would run code is not even looked at."""
    from converters.image.keras_weights import load_weights

    path, spoilt = tmp_path / "model.keras", tmp_path / "spoilt.keras"
    tiny.save(path)
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(spoilt, "w") as copy:
        copy.writestr("config.json", '{"module": "os", "class_name": "system", "config": "touch executed"}')
        copy.writestr("model.weights.h5", archive.read("model.weights.h5"))
    load_weights(_tiny(), spoilt)
    assert not Path("executed").exists()


def test_refuses_compressed_archives(tiny: Any, tmp_path: Path) -> None:
    """Keras compresses nothing; an archive that unpacks to more than it is could fill the disk."""
    path, packed = tmp_path / "model.keras", tmp_path / "packed.keras"
    tiny.save(path)
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as copy:
        copy.writestr("model.weights.h5", archive.read("model.weights.h5") + b"\0" * 1_000_000)
    assert "packed.keras is compressed" in _refused(packed)


def test_refuses_what_is_no_weights_file(tmp_path: Path) -> None:
    """Missing, another suffix, a folder."""
    assert "cannot read" in _refused(tmp_path / "missing.h5")
    (tmp_path / "mine.pth").touch()
    assert "mine.pth does not end in .keras, .h5, .hdf5" in _refused(tmp_path / "mine.pth")
    (tmp_path / "folder.h5").mkdir()
    assert "cannot read" in _refused(tmp_path / "folder.h5")


def test_without_the_packages_says_what_to_install() -> None:
    """Where a package is missing, the error names it and the extra that brings it."""
    code = (
        "import sys; sys.modules['tf2onnx'] = sys.modules['tensorflow'] = None\n"
        "from converters.image import keras_source\n"
        "try: keras_source.load('untrained')\n"
        "except Exception as error: print(type(error).__name__, error, '|', error.hint)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ConversionError --framework keras needs the package tensorflow")
    assert done.stdout.strip().endswith("| pip install 'realtime-scoring[keras]'")


def test_another_backend_is_refused() -> None:
    """A process in which Keras runs on something else cannot convert with TensorFlow."""
    code = (
        "import os; os.environ['KERAS_BACKEND'] = 'torch'; import keras\n"
        "from converters.image import keras_runtime\n"
        "try: keras_runtime.prepare()\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ConversionError Keras runs on torch here")


def test_conversion_says_nothing(capfd: pytest.CaptureFixture[str], tiny: Any) -> None:
    """TensorFlow's and tf2onnx's logs and warnings reach nobody."""
    from converters.image import keras_export

    keras_export.export(tiny)
    assert capfd.readouterr() == ("", "")


def test_import_says_nothing() -> None:
    """Nor do those that TensorFlow writes when it starts."""
    code = "from converters.image.keras_runtime import prepare; prepare(); import tensorflow as tf; tf.constant(1.) + 1"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_missing_weights_are_a_conversion_error() -> None:
    """Whatever the command catches is a ConversionError."""
    with pytest.raises(ConversionError, match=r"cannot read .*missing.h5"):
        keras_source.load("missing.h5")
