"""A folder of the user's pictures: to calibrate INT8 with, and to measure what a lower precision changes."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from converters.errors import DatasetError
from preprocessing.image import ImageError, ImageLimits, ImageSpec, to_tensor

CALIBRATE, HELD_OUT = 128, 512  # pictures at most; more change neither ranges nor shares any further
LEAST = 20  # pictures that can be read
LIMITS = ImageLimits(max_bytes=64 * 2**20, max_pixels=80_000_000, min_side=16)
NO_CLASS = -1
_NAMED = 5  # unreadable files whose names are shown


@dataclass(frozen=True)
class Photos:
    """`pixels` uint8 [n, 224, 224, 3]; `classes` int64 [n], the output that should win, or -1 where nobody knows."""

    pixels: NDArray[np.uint8]
    classes: NDArray[np.int64]


@dataclass(frozen=True)
class ImageFolder(Photos):
    """Pictures in an order that depends on their names alone; `unreadable` are files that are none."""

    unreadable: tuple[str, ...]

    @property
    def calibration(self) -> NDArray[np.uint8]:
        """The first half, at most 128."""
        return self.pixels[: self._split]

    @property
    def held_out(self) -> Photos:
        """The others: what the ranges of an INT8 model were not made from."""
        return Photos(self.pixels[self._split :], self.classes[self._split :])

    @property
    def _split(self) -> int:
        return min(len(self.pixels) // 2, CALIBRATE)


def chosen(folder: Path) -> list[Path]:
    """The files that are used: at most 640, drawn by the hash of their path in the folder, hidden ones left out.

    Raises DatasetError when there is no such folder or nothing in it.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder} is not a folder", hint="--calibration takes a folder with some hundred pictures")
    files = (path for path in folder.rglob("*") if not path.name.startswith(".") and path.is_file())
    drawn = sorted(files, key=lambda path: hashlib.sha256(_name(path, folder).encode()).digest())
    if not drawn:
        raise DatasetError(f"{folder} holds no file", hint="--calibration takes a folder with some hundred pictures")
    return drawn[: CALIBRATE + HELD_OUT]


def fingerprint(folder: Path) -> str:
    """SHA-256 over names and contents of the files that are used."""
    total = hashlib.sha256()
    for path in chosen(folder):
        total.update(f"{_name(path, folder)}\0{path.stat().st_size}\0".encode())
        total.update(_content(path) or b"")
    return total.hexdigest()


def read(
    folder: Path,
    spec: ImageSpec,
    wnids: Sequence[str],
    track: Callable[[Sequence[Path]], Iterable[Path]] = iter,
) -> ImageFolder:
    """Decode the files that are used; a picture in a folder that is named after a wnid is known to be of that class.

    Raises DatasetError when fewer than 20 of them are pictures.
    """
    index = {wnid: position for position, wnid in enumerate(wnids)}
    pixels: list[NDArray[np.uint8]] = []
    classes: list[int] = []
    unreadable: dict[str, str] = {}
    for path in track(chosen(folder)):
        try:
            pixels.append(to_tensor(_content(path) or b"", spec, LIMITS))
            classes.append(index.get(path.parent.name, NO_CLASS))
        except (ImageError, OSError) as error:
            unreadable[_name(path, folder)] = str(error)
    if len(pixels) < LEAST:
        raise DatasetError(
            f"{folder} holds {len(pixels)} pictures that can be read, and {LEAST} are needed{_first(unreadable)}",
            hint="name a folder with some hundred pictures like those that the model will be asked about",
        )
    return ImageFolder(np.stack(pixels), np.array(classes, dtype=np.int64), tuple(unreadable))


def notice(unreadable: Sequence[str]) -> str:
    """One line about files that were passed over: how many, and the names of the first."""
    names = ", ".join(unreadable[:_NAMED])
    more = f" and {len(unreadable) - _NAMED} more" if len(unreadable) > _NAMED else ""
    return f"{len(unreadable)} files are no pictures that can be read, and were passed over: {names}{more}"


def _content(path: Path) -> bytes | None:
    """None for a file over the limit, which is not read."""
    return path.read_bytes() if path.stat().st_size <= LIMITS.max_bytes else None


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _first(unreadable: Mapping[str, str]) -> str:
    if not unreadable:
        return ""
    name, reason = next(iter(unreadable.items()))
    return f"; {len(unreadable)} files cannot be read, among them {name}: {reason}"
