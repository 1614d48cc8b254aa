"""Which of the gateway's worker processes this one is."""

from pathlib import Path
from typing import NamedTuple


class Worker(NamedTuple):
    """A process of the gateway; `folder` is private to a run and shared by its workers, None if it is alone."""

    number: int = 0
    folder: Path | None = None


ALONE = Worker()
