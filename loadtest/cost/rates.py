"""Throughputs that were measured: what the product served, out of the reports of the benchmarks."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from loadtest.environment import Gpu
from loadtest.errors import LoadTestError
from loadtest.figures import Kind
from loadtest.report import Measured, Report, Section, fastest, read

_SERVED = (Kind.HTTP, Kind.GRPC)
_MEASURE = "measure first: scoring bench; or name a report: scoring cost REPORT"


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """What the gateway served of one model on one engine, the whole machine at work; `service` says how.

    `engine_per_s` is what the engine alone gave in process, one item at a time, None where that was not measured.
    """

    benchmark: str
    title: str
    unit: str
    engine: str
    service: str
    items_per_s: float
    cores: int
    cpu: str
    gpus: tuple[Gpu, ...]
    created: str
    source: str
    engine_per_s: float | None

    @property
    def per_core(self) -> float:
        """Items/s of a core."""
        return self.items_per_s / self.cores

    @property
    def per_gpu(self) -> float:
        """Items/s of a GPU."""
        return self.items_per_s / len(self.gpus)

    @property
    def per_core_without_engine(self) -> float | None:
        """Items/s that a core would serve at most if inference took none of its time; None: no bound is known.

        The engine's time for an item on its own is the most that an item costs it: in batches it costs less.
        """
        if self.engine_per_s is None or self.engine_per_s <= self.items_per_s:
            return None
        return 1 / (1 / self.items_per_s - 1 / self.engine_per_s) / self.cores


def measured(paths: Sequence[Path]) -> list[Rate]:
    """Read the rates of reports. Raises LoadTestError, also when not one of them holds any."""
    rates = [rate for path in paths for rate in _rates(read(path, Report), path)]
    if not rates:
        names = ", ".join(map(str, paths)) or "there is no report"
        raise LoadTestError(f"nothing that was served over HTTP or gRPC: {names}", _MEASURE)
    return rates


def _rates(report: Report, path: Path) -> Iterator[Rate]:
    """Return the best of each model and engine, of items asked for one by one: lists would be another use."""
    for section in report.sections:
        served = [each for kind in _SERVED for each in section.of_kind(kind, batch=1) if each.items_per_s > 0]
        for engine in dict.fromkeys(each.engine for each in served):
            best = fastest([each for each in served if each.engine == engine])
            if best:
                yield _rate(report, section, best, path)


def _rate(report: Report, section: Section, best: Measured, path: Path) -> Rate:
    alone = fastest([each for each in section.of_kind(Kind.IN_PROCESS, batch=1) if each.engine == best.engine])
    hardware = report.facts.hardware
    return Rate(
        benchmark=section.benchmark,
        title=f"{section.title}, {section.details}",
        unit=section.unit,
        engine=best.engine,
        service=f"{best.group}, {best.setting}",
        items_per_s=best.items_per_s,
        cores=hardware.cores,
        cpu=hardware.cpu,
        gpus=hardware.gpus,
        created=report.created,
        source=str(path),
        engine_per_s=alone.items_per_s if alone else None,
    )
