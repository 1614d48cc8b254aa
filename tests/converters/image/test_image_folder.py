"""A folder of pictures: the same split every time, and a word about what cannot be read."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from converters.errors import DatasetError
from converters.image.image_folder import CALIBRATE, HELD_OUT, ImageFolder, chosen, fingerprint, notice, read
from preprocessing.image import ImageSpec
from tests.converters.image.networks import save_photos

WNIDS = ("n01440764", "n01443537", "n01484850")
SPEC = ImageSpec(232)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-four pictures."""
    folder = tmp_path_factory.mktemp("photos")
    save_photos(folder, 24)
    return folder


def test_split_depends_on_names_alone(photos: Path, tmp_path: Path) -> None:
    """A copy elsewhere is split alike; no picture is on both sides."""
    shutil.copytree(photos, tmp_path / "copy")
    first, second = (read(folder, SPEC, WNIDS) for folder in (photos, tmp_path / "copy"))
    assert (first.calibration == second.calibration).all()
    assert len(first.calibration) == len(first.held_out.pixels) == 12
    sides = [{picture.tobytes() for picture in side} for side in (first.calibration, first.held_out.pixels)]
    assert not sides[0] & sides[1]


def test_a_new_picture_moves_no_other(photos: Path, tmp_path: Path) -> None:
    """Files are ordered by the hash of their names, so that one more changes the order of none."""
    shutil.copytree(photos, tmp_path / "more")
    shutil.copy(photos / "000.jpg", tmp_path / "more" / "another.jpg")
    names = [path.name for path in chosen(tmp_path / "more") if path.name != "another.jpg"]
    assert names == [path.name for path in chosen(photos)]


def test_large_folders_are_sampled() -> None:
    """Of thousands of pictures some hundred are used, the first 128 of them for calibration."""
    pixels = np.zeros((CALIBRATE + HELD_OUT, 1, 1, 3), dtype=np.uint8)
    whole = ImageFolder(pixels, np.zeros(len(pixels), dtype=np.int64), ())
    assert (len(whole.calibration), len(whole.held_out.pixels)) == (128, 512)


def test_large_folders_are_not_read_to_the_end(tmp_path: Path) -> None:
    """No more files than that are opened, whatever they are."""
    for number in range(CALIBRATE + HELD_OUT + 50):
        (tmp_path / f"{number}.jpg").touch()
    assert len(chosen(tmp_path)) == CALIBRATE + HELD_OUT


def test_unreadable_files_are_named(photos: Path, tmp_path: Path) -> None:
    """Text, an empty and a truncated file are passed over and named; hidden files are not looked at."""
    folder = tmp_path / "mixed"
    shutil.copytree(photos, folder)
    (folder / "notes.txt").write_text("no picture")
    (folder / "empty.jpg").touch()
    (folder / "cut.jpg").write_bytes((folder / "001.jpg").read_bytes()[:700])
    (folder / ".DS_Store").write_text("hidden")
    found = read(folder, SPEC, WNIDS)
    assert set(found.unreadable) == {"notes.txt", "empty.jpg", "cut.jpg"}
    assert len(found.pixels) == 24
    assert all(name in notice(found.unreadable) for name in ("3 files", "notes.txt", "empty.jpg"))
    assert "and 95 more" in notice([f"{number}.txt" for number in range(100)])


def test_too_few_pictures_are_refused(photos: Path, tmp_path: Path) -> None:
    """How many there are, how many it takes, and the first file that is none."""
    for name in ("000.jpg", "001.jpg"):
        shutil.copy(photos / name, tmp_path / name)
    (tmp_path / "x.svg").write_text("<svg/>")
    with pytest.raises(DatasetError, match=r"holds 2 pictures that can be read, and 20 are needed.*x\.svg"):
        read(tmp_path, SPEC, WNIDS)


@pytest.mark.parametrize(
    ("name", "fault"), [("missing", "is not a folder"), ("a.jpg", "not a folder"), ("d", "no file")]
)
def test_no_folder_of_pictures(tmp_path: Path, name: str, fault: str) -> None:
    """A folder that is missing, is a file, or is empty."""
    (tmp_path / "a.jpg").touch()
    (tmp_path / "d").mkdir()
    with pytest.raises(DatasetError, match=fault):
        chosen(tmp_path / name)


def test_folders_named_after_wnids_tell_the_class(tmp_path: Path) -> None:
    """A picture's folder says which output should win; of any other folder nobody knows."""
    save_photos(tmp_path, 20, (*WNIDS[:2], "holidays"))
    found = read(tmp_path, SPEC, WNIDS)
    assert {int(label): int((found.classes == label).sum()) for label in set(found.classes)} == {0: 7, 1: 7, -1: 6}


def test_fingerprint_is_that_of_names_and_contents(photos: Path, tmp_path: Path) -> None:
    """Another name and another content are other pictures; another place is not."""
    copy = tmp_path / "copy"
    shutil.copytree(photos, copy)
    assert fingerprint(copy) == fingerprint(photos)
    (copy / "000.jpg").write_bytes((copy / "001.jpg").read_bytes())
    changed = fingerprint(copy)
    (copy / "000.jpg").rename(copy / "renamed.jpg")
    assert len({fingerprint(photos), changed, fingerprint(copy)}) == 3
