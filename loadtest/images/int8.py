"""An INT8 version of the published model, made for one run in a repository of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from loadtest.images.card import Card
from loadtest.images.conversion import command, convert
from loadtest.images.pictures import photos

CALIBRATION_PICTURES = 64
_SEED = 1  # other pictures than those that are sent
# Weights that `scoring convert` can get again by the name that the card gives them.
_NAMED = {"untrained": "untrained", "imagenet": "imagenet", "imagenet-v1": "imagenet-v1", "imagenet-v2": "imagenet"}


def can_be_made(card: Card) -> bool:
    """Whether the published model's weights are to be had again: those of a user's file are not."""
    return card.weights in _NAMED and card.framework in {"torch", "keras"}


@contextmanager
def int8_repository(card: Card) -> Iterator[Path]:
    """Yield a repository with the same weights in INT8, calibrated on generated pictures. Raises LoadTestError.

    The pictures are pieces of two photographs: the version is as fast as any other, and no measure of accuracy.
    """
    with TemporaryDirectory(prefix="scoring-bench-int8-") as folder:
        pictures, repository = Path(folder) / "pictures", Path(folder) / "repository"
        pictures.mkdir()
        for number, picture in enumerate(photos(CALIBRATION_PICTURES, _SEED)):
            (pictures / f"{number:03}.jpg").write_bytes(picture)
        convert(command_line(card, pictures, repository), "leave it out: scoring bench --no-int8")
        yield repository


def command_line(card: Card, pictures: Path, repository: Path) -> list[str]:
    """Return the command; a low agreement with FP32 is no reason against measuring the speed."""
    further = ("--calibration", str(pictures), "--force")
    return command(repository, card.framework, _NAMED[card.weights], "int8", *further)
