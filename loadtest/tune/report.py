"""What a run of `scoring tune` leaves behind, and what another run can take up."""

from pathlib import Path

import msgspec

from loadtest.facts import Facts
from loadtest.report import LATEST
from loadtest.tune.measured import Trial
from loadtest.tune.variant import Variant


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What figures depend on: with another setup, nothing of an earlier run can be taken up.

    `files` holds the SHA-256 of each version's model file; `pod` the server's cores, None for a Triton that is none of
    ours; `shared` says whether the load generator takes them from it.
    """

    model: str
    files: dict[int, str]
    newest: int
    default: Variant
    goal: str
    list_size: int
    cores: int
    pod: list[int] | None
    shared: bool
    server: str  # "embedded", or the address
    budget_s: float
    cpu: str


class TuneReport(msgspec.Struct, frozen=True, kw_only=True):
    """All trials of a run; `best` is None where the run was interrupted, or no variant kept the objectives.

    `finalists` are the variants that were compared in turns; `why` says in sentences why the best one is it, and
    `config` is the text of its file.
    """

    facts: Facts
    setup: Setup
    unit: str
    trials: list[Trial]
    finalists: list[Variant]
    best: Variant | None
    why: list[str]
    config: str
    interrupted: bool

    @property
    def created(self) -> str:
        """When the run began."""
        return self.facts.created

    def trial(self, variant: Variant) -> Trial:
        """Return what was measured of a variant of this run."""
        return next(each for each in self.trials if each.variant == variant)


def earlier(folder: Path, setup: Setup) -> list[Trial]:
    """Return the trials of the latest run in a folder that had the same setup; nothing where there is none."""
    try:
        found = msgspec.json.decode((folder / LATEST).read_bytes(), type=TuneReport)
    except (OSError, msgspec.DecodeError):
        return []
    return found.trials if found.setup == setup else []
