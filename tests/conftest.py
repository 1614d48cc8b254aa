"""What is expensive and wanted in several places: made once for a run."""

from pathlib import Path

import pytest

from converters.image.conversion import Options, convert


@pytest.fixture(scope="session")
def resnet152_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model repository with the whole ResNet-152, random weights, as a new user without network gets it.

    Tests that change anything work on a copy.
    """
    folder = tmp_path_factory.mktemp("resnet152")
    convert(folder, Options(weights="untrained"))
    return folder
