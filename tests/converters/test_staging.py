"""Folders that appear complete or not at all."""

from pathlib import Path

import pytest

from converters.errors import ConversionError, DatasetError, ParityError, PublishError
from converters.staging import staged_folder


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_folder_appears_only_when_the_block_has_ended(tmp_path: Path) -> None:
    """Nobody sees the folder before it is complete; missing parents are made."""
    target = tmp_path / "a" / "b"
    with staged_folder(target, DatasetError) as staging:
        (staging / "file").write_text("x")
        assert not target.exists()
    assert (target / "file").read_text() == "x"
    assert _names(target.parent) == ["b"]


@pytest.mark.parametrize("failure", [RuntimeError("bug"), KeyboardInterrupt()])
def test_nothing_remains_of_a_block_that_fails(tmp_path: Path, failure: BaseException) -> None:
    """A failure, Ctrl-C included, passes unchanged and leaves neither the folder nor its staging place."""

    def fail() -> None:
        with staged_folder(tmp_path / "new", DatasetError) as staging:
            (staging / "half").write_text("x")
            raise failure

    with pytest.raises(type(failure)):
        fail()
    assert _names(tmp_path) == []


@pytest.mark.parametrize("kind", [PublishError, DatasetError])
def test_what_exists_stays_as_it_is(tmp_path: Path, kind: type[ConversionError]) -> None:
    """An occupied target is refused with the error of the caller's choice."""
    (tmp_path / "kept").write_text("x")
    with pytest.raises(kind, match="exists already"), staged_folder(tmp_path, kind):
        pytest.fail("the block must not run")
    with pytest.raises(kind, match="exists already"), staged_folder(tmp_path / "kept", kind):
        pytest.fail("the block must not run")
    assert (tmp_path / "kept").read_text() == "x"


def test_an_empty_folder_is_no_obstacle(tmp_path: Path) -> None:
    """A folder that was made beforehand takes the content."""
    target = tmp_path / "empty"
    target.mkdir()
    with staged_folder(target, DatasetError) as staging:
        (staging / "file").write_text("x")
    assert _names(target) == ["file"]


def test_a_place_that_cannot_be_written_is_refused() -> None:
    """A read-only file system (/sys never takes a folder, not even root's) gives the caller's error and a hint."""
    with (
        pytest.raises(PublishError, match="cannot write /sys/version") as caught,
        staged_folder(Path("/sys/version"), PublishError),
    ):
        pytest.fail("the block must not run")
    assert "free space" in caught.value.hint


@pytest.mark.parametrize("kind", [DatasetError, ParityError, PublishError])
def test_errors_are_one_bounded_line(kind: type[ConversionError]) -> None:
    """Whatever goes into a message, it stays one line that fits a terminal."""
    error = kind("a\nb\t" + "c" * 10_000, hint="d\ne")
    assert str(error).startswith("a b ccc")
    assert len(str(error)) == 400
    assert error.hint == "d e"
