"""A folder of pictures, and the full network published once for all tests that need it."""

from pathlib import Path

import pytest

from tests.converters.image.networks import save_photos


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty pictures, crops of scikit-learn's two photos and generated ones, and a file that is none."""
    folder = tmp_path_factory.mktemp("photos")
    save_photos(folder, 60)
    (folder / "notes.txt").write_text("no picture")
    return folder
