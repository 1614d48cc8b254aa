"""The metrics of all workers: counted in this one, left in files by the others, added up when somebody asks."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from gateway.telemetry import families, process
from gateway.telemetry.counts import Counts
from gateway.telemetry.exemplars import latest
from gateway.telemetry.exposition import Exposition, OpenMetrics
from gateway.telemetry.gauges import Gauges, Sample
from gateway.telemetry.series import Family
from gateway.telemetry.snapshot import Folder, Snapshot, added

_FAMILIES = (*families.COUNTED, families.LINES_DROPPED, families.SPANS_SENT, families.SPANS_DROPPED)


class Metrics:
    """Counts, gauges and their exposition."""

    def __init__(self, folder: Path | None = None, worker: int = 0) -> None:
        self.counts = Counts()
        self.gauges = Gauges()
        self._worker = worker
        self._totals: dict[Family, Callable[[], float]] = {}
        self._folder = None if folder is None else Folder(folder, worker)
        # A worker that is started again goes on with the counts of the one that died: counters never fall.
        self._inherited = self._folder.own() if self._folder else {}

    def total(self, family: Family, read: Callable[[], float]) -> None:
        """Show a counter without labels that somebody else keeps."""
        self._totals[family] = read

    def share(self) -> Snapshot:
        """Leave the present state for the other workers, and return it. Raises OSError."""
        snapshot = self.snapshot()
        if self._folder is not None:
            self._folder.leave(snapshot)
        return snapshot

    def text(self, own: Snapshot, *, openmetrics: bool = False) -> bytes:
        """Return this worker's metrics and the others' in Prometheus' text format, or as OpenMetrics.

        It touches nothing that changes, so that a thread may do it.
        """
        others = self._folder.others() if self._folder is not None else ()
        return "".join(_lines([own, *others], OpenMetrics() if openmetrics else Exposition())).encode()

    def snapshot(self) -> Snapshot:
        """Return a copy of the present state."""
        counted = {family.name: series.values for family, series in self.counts.series.items()}
        counted |= {family.name: {(): [read()]} for family, read in self._totals.items()}
        samples = self.gauges.samples()
        exemplars = latest([self.counts.exemplars])
        samples[families.IN_FLIGHT] = [Sample({"method": name}, held) for name, held in self.counts.in_flight.items()]
        return Snapshot(self._worker, os.getpid(), time.time(), added([counted, self._inherited]), samples, exemplars)


def _lines(snapshots: list[Snapshot], exposition: Exposition) -> Iterator[str]:
    counted = added(each.counted for each in snapshots)
    exemplars = {families.DURATION: latest(each.exemplars for each in snapshots)}
    for family in _FAMILIES:
        yield from exposition.counted(family, counted.get(family.name, {}), exemplars.get(family, {}))
    live = [each for each in snapshots if each.is_live()]
    yield from exposition.gauges({each.worker: each.gauges | process.samples(each.pid) for each in live})
    yield exposition.end
