"""The report of a run: what is stored, and the ratios that are read from it."""

import os
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import msgspec

from loadtest.environment import Hardware, Revision
from loadtest.errors import LoadTestError
from loadtest.figures import GRPC, HTTP, IN_PROCESS, MANY, PEER, TRITON, Load
from loadtest.meter import Round

LATEST = "latest.json"
GROUPS = (IN_PROCESS, TRITON, HTTP, GRPC, PEER)


class Measured(msgspec.Struct, frozen=True):
    """A figure with all its rounds; rates and latencies are medians of the rounds."""

    group: str
    setting: str
    in_flight: int
    batch: int
    driver: str
    rounds: list[Round]
    requests_per_s: float
    questions_per_s: float
    p50_ms: float
    p99_ms: float


class Settings(msgspec.Struct, frozen=True):
    """How long each figure was measured: rounds, and seconds of warm-up and of measuring in each."""

    rounds: int
    warm_up: float
    seconds: float
    questions: int
    top_k: int


class ModelFacts(msgspec.Struct, frozen=True):
    """The model that was served."""

    name: str
    version: int
    digest: str
    entries: int


class Report(msgspec.Struct, frozen=True):
    """One run of the benchmark."""

    created: str
    command: str
    settings: Settings
    hardware: Hardware
    versions: dict[str, str]
    revision: Revision | None
    model: ModelFacts
    services: dict[str, str]
    figures: list[Measured]

    def find(self, group: str, in_flight: int) -> Measured:
        """Return a group's figure of single questions with so many requests in flight."""
        wanted = (group, in_flight, 1)
        return next(each for each in self.figures if (each.group, each.in_flight, each.batch) == wanted)

    @property
    def limit(self) -> Measured:
        """The fastest figure in process: what the engine gives on this machine when nothing else needs the cores."""
        return max((each for each in self.figures if each.group == IN_PROCESS), key=lambda each: each.questions_per_s)

    def of_limit(self, figure: Measured) -> float:
        """Return a figure's questions/s as a share of the limit."""
        return figure.questions_per_s / self.limit.questions_per_s

    def of_peer(self, figure: Measured) -> float:
        """Return a figure's questions/s as a multiple of the peer's: one by one where it was so, else under load."""
        alone = figure.in_flight == 1 and figure.group != IN_PROCESS
        return figure.questions_per_s / self.find(PEER, 1 if alone else MANY).questions_per_s


def measured(group: str, setting: str, load: Load, driver: str, rounds: Sequence[Round]) -> Measured:
    """Sum up the rounds of a figure."""
    rate = median(each.rate for each in rounds)
    return Measured(
        group=group,
        setting=setting,
        in_flight=load.in_flight,
        batch=load.batch,
        driver=driver,
        rounds=list(rounds),
        requests_per_s=round(rate, 1),
        questions_per_s=round(rate * load.batch, 1),
        p50_ms=round(median(each.p50_ms for each in rounds), 3),
        p99_ms=round(median(each.p99_ms for each in rounds), 3),
    )


def store(report: Report, folder: Path) -> Path:
    """Write the report under its time and as the latest, and return the first file. Raises LoadTestError."""
    text = msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"
    stamp = report.created.replace("-", "").replace(":", "")[:15]
    path = folder / f"{stamp}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        beside = folder / f".{LATEST}.{os.getpid()}"
        beside.write_bytes(text)
        beside.replace(folder / LATEST)
    except OSError as error:
        raise LoadTestError(f"{folder} cannot be written: {error.strerror}", "choose another: --output DIR") from None
    return path


def latest(folder: Path) -> Report:
    """Read the latest report. Raises LoadTestError."""
    hint = "measure first: scoring bench"
    try:
        return msgspec.json.decode((folder / LATEST).read_bytes(), type=Report)
    except OSError:
        raise LoadTestError(f"{folder} holds no {LATEST}", hint) from None
    except msgspec.DecodeError as error:
        raise LoadTestError(f"{folder / LATEST} is no report of this version: {error}", hint) from None
