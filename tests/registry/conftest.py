"""Stores of both kinds, and what is pushed to them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.blob_access import CONNECTION_STRING
from registry.store import Store, open_store
from tests.registry import azurite
from tests.registry.models import write_model


@pytest.fixture(scope="session")
def azurite_port() -> Iterator[int]:
    """The port of an Azurite."""
    if not azurite.PROGRAM.exists():
        pytest.skip("Azurite is not installed: .ci/run does it")
    with azurite.started() as port:
        yield port


@pytest.fixture
def azurite_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment holds the key that every Azurite has."""
    monkeypatch.setenv(CONNECTION_STRING, azurite.CONNECTION)


@pytest.fixture
def container(azurite_port: int, azurite_key: None) -> str:
    """The URL of an empty container; the environment holds its key."""
    return azurite.new_container(azurite_port)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store in a folder."""
    (tmp_path / "store").mkdir()
    return open_store(str(tmp_path / "store"), {})


@pytest.fixture(params=["folder", "blob"])
def any_store(request: pytest.FixtureRequest) -> Store:
    """An empty store; what is true of one kind is true of the other."""
    if request.param == "blob":
        return open_store(request.getfixturevalue("container"), dict(os.environ))
    found: Store = request.getfixturevalue("store")
    return found


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A model repository with versions 1 and 2 of one model."""
    folder = tmp_path / "repository"
    write_model(folder, 1, 2)
    return folder
