"""Which of the gateway's worker processes this one is."""

from pathlib import Path
from typing import NamedTuple


class Worker(NamedTuple):
    """A process of the gateway: its number, and the private folder that all workers of a run share (None: it is alone)."""

    number: int = 0
    folder: Path | None = None


ALONE = Worker()
