"""Pictures, and a small model to ask about them."""

from pathlib import Path

import pytest

from loadtest.images.card import read_card
from loadtest.images.in_process import tensors
from loadtest.images.pictures import photos
from loadtest.images.plan import Material
from tests.loadtest.images.tiny_model import write_version


@pytest.fixture(scope="session")
def version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of version 2 of a small model."""
    return write_version(tmp_path_factory.mktemp("repository") / "resnet152" / "2")


@pytest.fixture(scope="session")
def material(version: Path) -> Material:
    """Eight pictures, decoded as the small model wants them."""
    pictures, spec = photos(8), read_card(version).preprocessing
    return Material(pictures, tensors(pictures, spec), spec)
