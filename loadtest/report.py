"""The report of a run: what is stored, and the ratios that are read from it."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from typing import Protocol, TypeVar

import msgspec

from loadtest import whole_file
from loadtest.errors import LoadTestError
from loadtest.facts import Facts
from loadtest.figures import Figure, Kind
from loadtest.meter import Round

LATEST = "latest.json"


class Dated(Protocol):
    """A report of whatever kind, and when its run began (ISO 8601, UTC)."""

    @property
    def created(self) -> str: ...


R = TypeVar("R", bound=Dated)


class Measured(msgspec.Struct, frozen=True):
    """A figure with all its rounds; rates and latencies are medians of the rounds."""

    kind: Kind
    group: str
    engine: str
    setting: str
    in_flight: int
    batch: int
    driver: str
    rounds: list[Round]
    requests_per_s: float
    items_per_s: float
    p50_ms: float
    p99_ms: float


class Beside(msgspec.Struct, frozen=True):
    """A figure measured while other work fills the machine: so many items/s of that (0: the figure alone)."""

    figure: Measured
    others_per_s: float


class Settings(msgspec.Struct, frozen=True):
    """How long each figure was measured: rounds, and seconds of warm-up and of measuring in each."""

    rounds: int
    warm_up: float
    seconds: float


class ModelFacts(msgspec.Struct, frozen=True):
    """A model that was served; `weights` and `engine` are empty for models that have one kind only."""

    name: str
    version: int
    digest: str
    engine: str = ""
    precision: str = ""
    weights: str = ""


class ProcessMemory(msgspec.Struct, frozen=True):
    """Memory of a process after the run, in MB (10^6 bytes): resident, and resident with shared pages shared out."""

    name: str
    rss_mb: float
    pss_mb: float


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of one model.

    `title` names what the model does, `details` says which it is, `unit` is what is counted ("images") and `workload`
    what was sent. `busy` is the number of requests in flight that counts as load where figures are compared.
    `baseline` names the engine that all others are compared with in process, where there are several. `agreement` is
    the share of items on which a contender gave the reference's best answer, `differences` the largest difference of
    an engine's probabilities from the reference's. `remarks` are sentences that belong below the table.
    """

    benchmark: str
    title: str
    details: str
    unit: str
    workload: str
    busy: int
    models: list[ModelFacts]
    figures: list[Measured]
    baseline: str = ""
    agreement: dict[str, float] = {}
    differences: dict[str, float] = {}
    remarks: list[str] = []

    def find(self, group: str, in_flight: int, batch: int = 1) -> Measured:
        """Return a group's figure with so many requests in flight of so many items each."""
        wanted = (group, in_flight, batch)
        return next(each for each in self.figures if (each.group, each.in_flight, each.batch) == wanted)

    def of_kind(self, kind: Kind, in_flight: int | None = None, batch: int | None = None) -> list[Measured]:
        """Return the figures of a kind, of one load where it is given."""
        return [
            each
            for each in self.figures
            if each.kind == kind and in_flight in {None, each.in_flight} and batch in {None, each.batch}
        ]

    def limit(self, engine: str) -> Measured | None:
        """The fastest figure in process: what an engine gives on this machine when nothing else needs the cores."""
        return fastest([each for each in self.of_kind(Kind.IN_PROCESS) if each.engine == engine])

    def of_limit(self, figure: Measured) -> float | None:
        """Return a figure's items/s as a share of the limit of its engine."""
        return _ratio(figure, self.limit(figure.engine))

    def of_baseline(self, figure: Measured) -> float | None:
        """Return a figure's items/s as a multiple of what the baseline does in process."""
        return None if figure.kind == Kind.PART else _ratio(figure, self.limit(self.baseline))

    def of_peer(self, figure: Measured, kind: Kind) -> float | None:
        """Return a figure's items/s as a multiple of a kind of peer's: one by one where it was so, else under load."""
        if figure.kind == Kind.PART:
            return None
        alone = figure.in_flight == 1 and figure.kind != Kind.IN_PROCESS
        peers = self.of_kind(kind, 1 if alone else self.busy)
        return _ratio(figure, peers[0] if peers else None)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One run, with a section for each model.

    `disturbance` is the share of the machine's time that others took between figures; `beside` and `memory` are of the
    services that hold all models.
    """

    title: str
    facts: Facts
    settings: Settings
    services: dict[str, str]
    sections: list[Section]
    disturbance: float = 0.0
    beside: list[Beside] = []
    memory: list[ProcessMemory] = []

    @property
    def created(self) -> str:
        """When the run began."""
        return self.facts.created

    def section(self, benchmark: str) -> Section | None:
        """Return the section of that name, None where it was not measured."""
        return next((each for each in self.sections if each.benchmark == benchmark), None)


def fastest(figures: Sequence[Measured]) -> Measured | None:
    """Return the figure with the most items/s, None when there is none."""
    return max(figures, key=lambda each: each.items_per_s, default=None)


def _ratio(figure: Measured, other: Measured | None) -> float | None:
    return None if other is None else figure.items_per_s / other.items_per_s


def measured(figure: Figure, rounds: Sequence[Round]) -> Measured:
    """Sum up the rounds of a figure."""
    rate = median(each.rate for each in rounds)
    return Measured(
        **figure.subject._asdict(),
        setting=figure.setting,
        in_flight=figure.load.in_flight,
        batch=figure.load.batch,
        driver=figure.driver,
        rounds=list(rounds),
        requests_per_s=round(rate, 1),
        items_per_s=round(rate * figure.load.batch, 1),
        p50_ms=round(median(each.p50_ms for each in rounds), 3),
        p99_ms=round(median(each.p99_ms for each in rounds), 3),
    )


def store(report: Dated, folder: Path) -> Path:
    """Write the report under its time and as the latest, and return the first file. Raises LoadTestError.

    A file is there as a whole or not at all; a report of the same time is replaced.
    """
    text = msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"
    stamp = report.created.replace("-", "").replace(":", "")[:15]
    path = folder / f"{stamp}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from None
    for each in (path, folder / LATEST):
        whole_file.write(text, each)
    return path


def check_writable(folder: Path) -> None:
    """Raise LoadTestError where a report could not be stored: better before a run than behind it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _unwritable(folder, error) from None


def _unwritable(folder: Path, error: OSError) -> LoadTestError:
    return LoadTestError(f"{folder} cannot be written: {error.strerror}", "choose another: --output DIR")


def latest(folder: Path) -> Report:
    """Read the latest report of a benchmark in a folder. Raises LoadTestError."""
    return read(folder / LATEST, Report)


def read(path: Path, kind: type[R], hint: str = "measure first: scoring bench") -> R:
    """Read a report of that kind. Raises LoadTestError with the hint, which says how to make one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError:
        raise LoadTestError(f"{path.parent} holds no {path.name}", hint) from None
    except msgspec.DecodeError as error:
        raise LoadTestError(f"{path} is no report of this version: {error}", hint) from None
