"""Gauges: values that are looked up when somebody asks for the metrics."""

import platform
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import metadata
from typing import NamedTuple

_MOST_GAUGES = 1000  # whoever watches for every client or address shall not fill the memory


class Sample(NamedTuple):
    """One gauge's labels and value."""

    labels: dict[str, str]
    value: float


Samples = dict[str, list[Sample]]  # by the metric's name

_Labels = tuple[tuple[str, str], ...]


class Gauges:
    """The gauges of this process."""

    def __init__(self) -> None:
        self._watched: dict[tuple[str, _Labels], Callable[[], float]] = {}
        self._facts: dict[tuple[str, str], Callable[[], Mapping[str, str]]] = {}
        build = _build()
        self.tell("scoring_build_info", "", lambda: build)

    def watch(self, name: str, labels: Mapping[str, str], read: Callable[[], float]) -> None:
        """Read a gauge with `read` from now on; a later one of the same name and labels takes its place."""
        if len(self._watched) < _MOST_GAUGES:
            self._watched[name, tuple(sorted(labels.items()))] = read

    def tell(self, name: str, about: str, read: Callable[[], Mapping[str, str]]) -> None:
        """Show a gauge that is always 1 and says something by the labels that are read; none while there are none."""
        if len(self._facts) < _MOST_GAUGES:
            self._facts[name, about] = read

    def samples(self) -> Samples:
        """Read them all; one that cannot be read now is left out."""
        found: Samples = {}
        for (name, _), read in list(self._facts.items()):
            with suppress(Exception):  # somebody else's gauge must not cost all others
                if labels := dict(read()):
                    found.setdefault(name, []).append(Sample(labels, 1.0))
        for (name, watched), value in list(self._watched.items()):
            with suppress(Exception):
                sample = Sample(dict(watched), float(value()))
                found.setdefault(name, []).append(sample)
        return found


def _build() -> dict[str, str]:
    try:
        version = metadata.version("realtime-scoring")
    except metadata.PackageNotFoundError:  # run from a folder that was never installed
        version = "unknown"
    return {"version": version, "python": platform.python_version()}
