"""What a run of `scoring tune` leaves behind, and what another run can take up."""

from pathlib import Path

import msgspec

from loadtest.facts import Facts
from loadtest.report import LATEST
from loadtest.tune.measured import Trial
from loadtest.tune.variant import Variant, counted

_IDLE_SHARE = 0.05  # of the machine


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
    `config` is the text of its file. `disturbance` is the share of the machine that others took.
    """

    facts: Facts
    setup: Setup
    unit: str
    trials: list[Trial]
    finalists: list[Variant]
    best: Variant | None
    why: list[str]
    config: str
    disturbance: float
    interrupted: bool

    @property
    def created(self) -> str:
        """When the run began."""
        return self.facts.created

    def trial(self, variant: Variant) -> Trial:
        """Return what was measured of a variant of this run."""
        return next(each for each in self.trials if each.variant == variant)


def doubts(report: TuneReport) -> list[str]:
    """Return why the figures should not be trusted blindly; nothing when they may be."""
    found = []
    if report.disturbance > _IDLE_SHARE:
        found.append(f"Between the figures, others kept {report.disturbance:.0%} of the machine busy: tune again.")
    if limited := sum(bool(step.doubts) and not step.met for each in report.trials for step in each.final):
        found.append(
            f"In {counted(limited, 'step')} of the finals the load generator was the limit, not Triton: variants may "
            f"differ more than shown. Give it cores of its own (--cores), or send more in a request (--list-size)."
        )
    return found


def earlier(folder: Path, setup: Setup) -> list[Trial]:
    """Return the trials of the latest run in a folder that had the same setup; nothing where there is none."""
    try:
        found = msgspec.json.decode((folder / LATEST).read_bytes(), type=TuneReport)
    except (OSError, msgspec.DecodeError):
        return []
    return found.trials if found.setup == setup else []
