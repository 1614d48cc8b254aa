"""The Python images, built once for all tests: side by side, since pip waits for the network half of its time."""

import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from converters.faq.dataset import SAMPLE_FOLDER, FaqDataset, load_dataset
from converters.faq.dataset_writer import write_dataset
from tests.k8s.images.dockerfile import IMAGES, expand, parse
from tests.k8s.images.sandbox import Build, Built, base_image

# Which RUNs of a builder are executed; the longest build first. Bytecode takes half a minute for the converter, and
# tests run as well without: it is made for the gateway alone, by the same instruction.
_NO_BYTECODE = r"^(?!python -m compileall)"
_STEPS = {"converter": _NO_BYTECODE, "gateway": "", "models": _NO_BYTECODE}


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the base image has of Python."""
    gateway = parse(IMAGES / "gateway" / "Dockerfile")
    wanted = expand(gateway.arguments["PYTHON_IMAGE"], {}).rpartition(":")[2]
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    if not wanted.startswith(f"{running}."):
        pytest.skip(f"the images have Python {wanted}, and this is {running}")
    return base_image(tmp_path_factory.mktemp("image") / "base")


@pytest.fixture(scope="session")
def building(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, "Future[Built]"]]:
    """All Python images, under way."""
    folders = {name: tmp_path_factory.mktemp(name) for name in _STEPS}
    with ThreadPoolExecutor(2) as pool:
        builds = {name: Build(IMAGES / name / "Dockerfile", base, folders[name]) for name in _STEPS}
        yield {name: pool.submit(build.image, _STEPS[name]) for name, build in builds.items()}
    for folder in folders.values():
        shutil.rmtree(folder)  # two gigabytes, of which pytest would keep those of the last three runs


@pytest.fixture(scope="session")
def gateway_image(building: dict[str, "Future[Built]"]) -> Built:
    """The gateway's image."""
    return building["gateway"].result()


@pytest.fixture(scope="session")
def models_image(building: dict[str, "Future[Built]"]) -> Built:
    """The image of `scoring models`."""
    return building["models"].result()


@pytest.fixture(scope="session")
def converter_image(building: dict[str, "Future[Built]"]) -> Built:
    """The converter's image."""
    return building["converter"].result()


@pytest.fixture(scope="session")
def repository(converter_image: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model repository with a small FAQ that the converter's image has trained and published."""
    folder = tmp_path_factory.mktemp("work")
    whole = load_dataset(SAMPLE_FOLDER)
    entries = whole.entries[::8]
    known = {entry.answer_id for entry in entries}
    duplicates = tuple(item for item in whole.duplicates if item.answer_id in known)
    write_dataset(folder / "data", FaqDataset(entries, duplicates))
    models = folder / "model_repository"
    done = converter_image.run("scoring", "convert", "faq", "--data", str(folder / "data"), "--repository", str(models))
    assert done.returncode == 0, done.stderr
    return models
