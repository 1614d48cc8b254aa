"""Image catalogs on disk."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from gateway.catalogs import Catalogs
from gateway.errors import CatalogUnavailableError
from gateway.image_catalog import ImageCatalog
from preprocessing.image import ImageSpec
from tests.gateway.image_model import GOLDEN, LABELS, picture, write_image_version


def catalogs(repository: Path) -> Catalogs[ImageCatalog]:
    """Catalogs of the image model in a repository."""
    return Catalogs(repository, "resnet152", ImageCatalog.load)


def change(folder: Path, **fields: Any) -> None:
    """Replace fields of a version's card."""
    path = folder / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


async def test_a_catalog(tmp_path: Path) -> None:
    """A version knows its classes in the order of the outputs, its preprocessing and its golden picture."""
    write_image_version(tmp_path, preprocessing={"resize": 256, "crop": 224, "filter": "bicubic"})
    catalog = await catalogs(tmp_path).current()
    assert catalog.version == "1"
    assert [tuple(label) for label in catalog.labels] == LABELS
    assert catalog.card.preprocessing == ImageSpec(256, 224, "bicubic")
    assert (catalog.golden, catalog.card.golden.index) == (picture(GOLDEN), GOLDEN)
    assert (catalog.card.weights, catalog.warning) == ("imagenet-v2", None)


async def test_random_weights_are_said_loudly(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whenever an untrained version is loaded, the log warns, and the catalog hands the warning to who answers."""
    write_image_version(tmp_path, weights="untrained")
    write_image_version(tmp_path, 2, weights="untrained")
    write_image_version(tmp_path, 3)
    versions = catalogs(tmp_path)
    for version in ("1", "2", "3", "1"):
        await versions.answered(version)
    assert (await versions.current()).warning == "random weights: for load tests only"
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        f"resnet152 version {version} has random weights: for load tests only" for version in (1, 2)
    ]


@pytest.mark.parametrize("file", ["model.json", "labels.txt", "golden.png"])
async def test_a_missing_file(tmp_path: Path, file: str) -> None:
    """A version without one of its files gives an error that names it, and no path of the machine."""
    (write_image_version(tmp_path) / file).unlink()
    with pytest.raises(CatalogUnavailableError, match=f"resnet152/1/{file} cannot be read: No such file") as caught:
        await catalogs(tmp_path).current()
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize(
    ("labels", "detail"),
    [
        (b"", "SHA-256"),
        (b"n01440764\n" * 1000, "line 1 of labels.txt"),
        (b"n01440764 \xff\n" * 1000, "invalid"),
        ("\n".join(f"{wnid} {label}" for wnid, label in LABELS[::-1]).encode(), "SHA-256"),
    ],
)
async def test_other_labels(tmp_path: Path, labels: bytes, detail: str) -> None:
    """Labels that are not those that the version was published with are refused: they would misname every answer."""
    (write_image_version(tmp_path) / "labels.txt").write_bytes(labels)
    with pytest.raises(CatalogUnavailableError, match=detail):
        await catalogs(tmp_path).current()


@pytest.mark.parametrize(
    "fields",
    [
        {"version": 2},
        {"classes": 999},
        {"golden": {"class": 1000, "probability": 0.5}},
        {"golden": {"class": -1, "probability": 0.5}},
        {"preprocessing": {"resize": 299, "crop": 299, "filter": "bilinear"}},
    ],
)
async def test_a_card_that_contradicts_its_version(tmp_path: Path, fields: dict[str, Any]) -> None:
    """Card, labels and the model's shape must agree."""
    change(write_image_version(tmp_path), **fields)
    with pytest.raises(CatalogUnavailableError, match="contradict"):
        await catalogs(tmp_path).current()


@pytest.mark.parametrize(
    "fields",
    [
        {"preprocessing": {"resize": 200, "crop": 224, "filter": "bilinear"}},
        {"preprocessing": {"resize": 256, "crop": 224, "filter": "lanczos"}},
        {"precision": "fp8"},
        {"framework": "caffe"},
        {"weights": None},
    ],
)
async def test_a_card_that_cannot_be_followed(tmp_path: Path, fields: dict[str, Any]) -> None:
    """A card with values that serving does not know is refused, never guessed at."""
    change(write_image_version(tmp_path), **fields)
    with pytest.raises(CatalogUnavailableError, match="catalog of resnet152/1 is invalid"):
        await catalogs(tmp_path).current()


async def test_a_version_may_know_more(tmp_path: Path) -> None:
    """Fields that serving does not read are overlooked."""
    change(write_image_version(tmp_path), parity={"top1": 1.0})
    assert (await catalogs(tmp_path).current()).version == "1"


async def test_both_models_follow_the_same_rules(tmp_path: Path) -> None:
    """Versions of images are found, retried and forgotten as those of the FAQ are: one class does both."""
    versions = catalogs(tmp_path)
    assert not await versions.published()
    write_image_version(tmp_path, 9)
    write_image_version(tmp_path, 10)
    assert (await versions.current()).version == "10"
    shutil.rmtree(tmp_path / "resnet152")
    assert not await versions.published()
    with pytest.raises(CatalogUnavailableError, match="holds no version of resnet152"):
        await versions.current()
