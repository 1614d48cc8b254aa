"""The converter's image: what it installs trains and publishes a model."""

from pathlib import Path

from tests.k8s.images.sandbox import Built

# TensorFlow's converter needs the extra `keras`, which the image has only when it is built with it.
_WALK = """
import importlib, pkgutil, converters, registry
for package in (converters, registry):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            print(module.name, error.name)
"""


def test_everything_that_it_needs_is_inside(converter_image: Built) -> None:
    """Each module of converters and registry can be imported; only TensorFlow's may miss TensorFlow."""
    walked = converter_image.run("python", "-c", _WALK)
    assert walked.returncode == 0, walked.stderr
    for line in walked.stdout.splitlines():
        module, missing = line.split()
        assert "keras" in module, line
        assert missing in {"h5py", "keras", "tensorflow", "tf2onnx"}, line


def test_pytorch_is_the_one_without_cuda(converter_image: Built) -> None:
    """The build has looked; no package of NVIDIA came along."""
    assert not list(converter_image.packages.glob("nvidia*"))


def test_names_of_classes_are_inside(converter_image: Built) -> None:
    """`scoring convert resnet152` finds ImageNet's labels where it looks for them."""
    code = "from converters.image.labels import FILE; print(len(FILE.read_text().splitlines()))"
    assert converter_image.run("python", "-c", code).stdout.strip() == "1000"


def test_it_publishes_a_model(repository: Path) -> None:
    """`scoring convert faq` has trained a small FAQ, proven its export and published it."""
    version = repository / "faq_matcher" / "1"
    assert {"model.onnx", "parity.json", "catalog.jsonl"} <= {path.name for path in version.iterdir()}
