"""What a run leaves in files: the page beside the data, and the best config in the model's folder."""

from pathlib import Path
from typing import NamedTuple

from loadtest import whole_file
from loadtest.errors import LoadTestError
from loadtest.report import LATEST, check_writable
from loadtest.tune import page
from loadtest.tune.goal import Goal
from loadtest.tune.report import TuneReport

PAGE = "report.html"


class Target(NamedTuple):
    """Where the best config goes: the name that `scoring serve` knows it by, and the files."""

    name: str
    files: list[Path]


def target(model: Path, name: str, *, as_default: bool) -> Target:
    """Return the files to write. Raises LoadTestError where that would fail after the run."""
    if not name or Path(name).name != name:
        raise LoadTestError(f"--name {name!r} is no name of a config", "write for instance --name tuned")
    check_writable(model / "configs")
    files = [model / "configs" / f"{name}.pbtxt"]
    return Target(name, [*files, model / "config.pbtxt"] if as_default else files)


def save_page(report: TuneReport, goal: Goal, folder: Path) -> str:
    """Write the page; return the names of the files of the run. Raises LoadTestError."""
    whole_file.write(page.html(report, goal), folder / PAGE)
    return f"{folder / LATEST}, {folder / PAGE}"


def save_config(report: TuneReport, target: Target) -> None:
    """Write the config. Raises LoadTestError."""
    for file in target.files:
        whole_file.write(report.config, file)
