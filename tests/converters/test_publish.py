"""Publishing is all or nothing."""

from pathlib import Path

import pytest

from converters.errors import PublishError
from converters.publish import latest, publish, set_files, versions

FILES = {"config.pbtxt": "config", "configs/cpu.pbtxt": "for a pod"}


def _write(folder: Path, version: int) -> None:
    (folder / "model.onnx").write_text(f"model {version}")


def test_versions_count_up(tmp_path: Path) -> None:
    """The first version is 1; the next ones follow the largest, and the configs stand beside them."""
    for expected in (1, 2):
        assert publish(tmp_path / "m", _write, FILES).name == str(expected)
    assert versions(tmp_path / "m") == [1, 2]
    assert latest(tmp_path / "m") == tmp_path / "m" / "2"
    assert (tmp_path / "m" / "config.pbtxt").read_text() == "config"
    assert (tmp_path / "m" / "configs" / "cpu.pbtxt").read_text() == "for a pod"


def test_failure_leaves_nothing(tmp_path: Path) -> None:
    """When writing fails half-way, neither version nor staging folder remains."""

    def fail(folder: Path, version: int) -> None:
        _write(folder, version)
        raise OSError(28, "No space left on device")

    with pytest.raises(PublishError, match="No space left"):
        publish(tmp_path / "m", fail, FILES)
    assert list((tmp_path / "m").iterdir()) == []


def test_read_only_repository() -> None:
    """A folder that nobody, not even root, may write in is refused by name."""
    with pytest.raises(PublishError, match="cannot write /proc/models/m/1"):
        publish(Path("/proc/models/m"), _write, FILES)


def test_repository_that_is_a_file(tmp_path: Path) -> None:
    """A file in the repository's place is refused, also for root."""
    (tmp_path / "m").write_text("")
    with pytest.raises(PublishError, match="cannot write"):
        publish(tmp_path / "m", _write, FILES)


def test_files_of_the_model_change_only_when_their_text_does(tmp_path: Path) -> None:
    """A file that is as it should be keeps its time stamp: nobody who watches it is disturbed."""
    set_files(tmp_path, FILES)
    before = (tmp_path / "config.pbtxt").stat().st_mtime_ns
    set_files(tmp_path, {**FILES, "configs/cpu.pbtxt": "for another pod"})
    assert (tmp_path / "config.pbtxt").stat().st_mtime_ns == before
    assert (tmp_path / "configs" / "cpu.pbtxt").read_text() == "for another pod"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["config.pbtxt", "configs", "cpu.pbtxt"]


def test_a_file_in_the_place_of_the_configs_folder(tmp_path: Path) -> None:
    """What cannot be written is named, in one line."""
    (tmp_path / "configs").write_text("")
    with pytest.raises(PublishError, match=r"cannot write .*cpu\.pbtxt"):
        set_files(tmp_path, FILES)
