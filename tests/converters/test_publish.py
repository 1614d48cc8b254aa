"""Publishing is all or nothing."""

from pathlib import Path

import pytest

from converters.errors import PublishError
from converters.publish import latest, publish, versions


def _write(folder: Path, version: int) -> None:
    (folder / "model.onnx").write_text(f"model {version}")


def test_versions_count_up(tmp_path: Path) -> None:
    """The first version is 1; the next ones follow the largest, and the config is written once."""
    for expected in (1, 2):
        assert publish(tmp_path / "m", "config", _write).name == str(expected)
    assert versions(tmp_path / "m") == [1, 2]
    assert latest(tmp_path / "m") == tmp_path / "m" / "2"
    assert (tmp_path / "m" / "config.pbtxt").read_text() == "config"


def test_failure_leaves_nothing(tmp_path: Path) -> None:
    """When writing fails half-way, neither version nor staging folder remains."""

    def fail(folder: Path, version: int) -> None:
        _write(folder, version)
        raise OSError(28, "No space left on device")

    with pytest.raises(PublishError, match="No space left"):
        publish(tmp_path / "m", "config", fail)
    assert list((tmp_path / "m").iterdir()) == []


def test_read_only_repository() -> None:
    """A folder that nobody, not even root, may write in is refused by name."""
    with pytest.raises(PublishError, match="cannot write /proc/models/m/1"):
        publish(Path("/proc/models/m"), "config", _write)


def test_repository_that_is_a_file(tmp_path: Path) -> None:
    """A file in the repository's place is refused, also for root."""
    (tmp_path / "m").write_text("")
    with pytest.raises(PublishError, match="cannot write"):
        publish(tmp_path / "m", "config", _write)
