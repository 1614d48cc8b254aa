"""Finding Triton in the environment, and refusing an environment that it cannot work in."""

import sys
from pathlib import Path

import pytest

from standalone import wheel
from standalone.errors import SetupError


def test_every_part_of_the_server_is_found_without_importing_the_wheel() -> None:
    """All paths exist; the stub is the running Python's; pytriton, slow to import, is not imported."""
    found = wheel.locate()
    parts = [found.server, found.libraries, found.backend, found.backend_helpers, found.stub, found.libpython]
    assert all(part.exists() for part in parts)
    assert found.stub.parent.name == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert "pytriton" not in sys.modules


@pytest.mark.parametrize("version", ["2.0.0", "2.4.6", "3.0.0rc1"])
def test_numpy_2_is_refused(version: str) -> None:
    """With numpy 2 a text request kills the stub and an image request gets no bytes, so nothing is started."""
    with pytest.raises(SetupError, match=f"numpy {version} is installed") as error:
        wheel.check_numpy(version)
    assert error.value.hint == "run: pip install 'numpy<2'"


def test_numpy_1_is_accepted() -> None:
    """The newest numpy 1 passes."""
    wheel.check_numpy("1.26.4")


def test_libpython_is_taken_from_the_first_folder_that_has_it(tmp_path: Path) -> None:
    """The order of the folders decides, so the running Python's own library comes before the system's."""
    name = f"libpython{sys.version_info.major}.{sys.version_info.minor}.so.1.0"
    folders = [tmp_path / "without", tmp_path / "first", tmp_path / "second"]
    for folder in folders[1:]:
        folder.mkdir()
        (folder / name).touch()
    assert wheel.find_libpython(folders) == folders[1] / name


def test_a_python_without_shared_library_is_refused(tmp_path: Path) -> None:
    """The message names the missing file and says how to get it."""
    with pytest.raises(SetupError, match=r"libpython3\.\d+\.so\.1\.0 was not found") as error:
        wheel.find_libpython([tmp_path])
    assert "apt install libpython3." in error.value.hint
