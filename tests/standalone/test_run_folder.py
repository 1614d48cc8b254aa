"""The private folder of a run, and what a killed run leaves."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from standalone import wheel
from standalone.errors import SetupError
from standalone.run_folder import SHARED_MEMORY, RunFolder, remove_leftovers

_HOLD = "from standalone.run_folder import RunFolder; folder = RunFolder(); print(folder.path, flush=True); input()"


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another folder for temporary files, so that other runs on this machine are not looked at."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_a_run_folder_holds_backends_library_and_models(tmp_path: Path) -> None:
    """Backend libraries are files, as Triton demands; models are links to the operator's folders."""
    (tmp_path / "repository" / "tags").mkdir(parents=True)
    folder = RunFolder()
    folder.fill(wheel.locate(), tmp_path / "repository", ("tags",))
    library = folder.backends / "python" / "libtriton_python.so"
    assert library.is_file()
    assert not library.is_symlink()
    assert (folder.backends / "onnxruntime" / "model.py").is_file()
    assert (folder.models / "tags").resolve() == tmp_path / "repository" / "tags"
    assert len(list(folder.libraries.iterdir())) == 1
    folder.remove()
    assert not folder.path.exists()


def test_what_a_killed_run_left_is_removed_and_a_live_run_is_not(temporary_folder: Path) -> None:
    """The lock, which ends with its process, tells the two apart."""
    live = RunFolder()
    with subprocess.Popen([sys.executable, "-c", _HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        dead = Path(os.fsdecode(other.stdout.readline().strip()))
        other.send_signal(signal.SIGKILL)
    regions = [SHARED_MEMORY / f"{folder.name}-region" for folder in (live.path, dead)]
    for region in regions:
        region.touch()
    remove_leftovers()
    assert list(temporary_folder.iterdir()) == [live.path]
    assert [region.exists() for region in regions] == [True, False]
    live.remove()
    assert not regions[0].exists()


def test_a_temporary_folder_that_breaks_the_stubs_command_line_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Triton starts the stub through a shell, without quotes: it would wait for a stub that never comes."""
    (tmp_path / "with space").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "with space"))
    with pytest.raises(SetupError, match="with space"):
        RunFolder()
