"""Builds of Python images without a container engine: the instructions of a Dockerfile, really executed.

The base image is a clean virtual environment; folders of the image (/src, /opt, ...) lie in a folder of their own.
What a container adds to that, another root and another user, is not there.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.k8s.images.dockerfile import ROOT, Dockerfile, Instruction, Stage, expand, parse
from tests.k8s.images.ignored import files_in, of

# Folders that images of this project make, as words in a command.
_FOLDERS = re.compile(r"(?<![\w./$}])/(?=(?:src|opt|registry)\b)")
# What the machine at hand says about where packages come from; a build gets it as arguments.
_PACKAGE_SOURCES = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS")
_OURS = ("SCORING_", "MODELS_", "PYTHON", "VIRTUAL_ENV")


class BuildError(Exception):
    """An instruction failed; the message says which and what it printed."""


@dataclass(frozen=True)
class Built:
    """What a stage left: its file system's folder, its environment, and how to run its programs."""

    folder: Path
    variables: dict[str, str]

    @property
    def packages(self) -> Path:
        """Where its virtual environment has its packages."""
        return next((self.folder / "opt/venv/lib").glob("python*/site-packages"))

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a process in such a container."""
        return {**_outside(), **self.variables, "PATH": f"{self.folder}/opt/venv/bin:{os.environ['PATH']}", **more}

    def run(self, *command: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        """Run one of its programs in an empty place, and return what it printed."""
        # Bytecode that the build left out may be kept: the next program starts sooner.
        variables = {"PYTHONDONTWRITEBYTECODE": "", **variables}
        place = self.folder / "empty"
        place.mkdir(exist_ok=True)
        return subprocess.run(
            command, env=self.environment(**variables), cwd=place, capture_output=True, text=True, check=False
        )


class Build:
    """One build of a Dockerfile in a folder."""

    def __init__(self, dockerfile: Path, base: Path, folder: Path, context: Path = ROOT) -> None:
        """Name the Dockerfile, the base image's virtual environment, an empty folder, and what may be copied."""
        self._file: Dockerfile = parse(dockerfile)
        self._ignored = of(dockerfile)
        self._base = base
        self._folder = folder
        self._context = context
        given = {name: os.environ[name] for name in _PACKAGE_SOURCES if name in os.environ}
        self._arguments = {"PIP_NO_CACHE_DIR": "0", **given}

    def image(self, only: str = "") -> Built:
        """Execute the builder, and return what the image takes from it, in the environment of the image."""
        variables = {name: value for name, value in self._file.environment().items() if name != "PATH"}
        return Built(self.stage("builder", only).folder, variables)

    def stage(self, name: str, only: str = "") -> Built:
        """Execute the instructions of a stage, and of those it builds on; `only`: those RUNs that this matches."""
        folder = self._folder / name
        folder.mkdir()
        variables: dict[str, str] = {}
        for stage in self._file.lineage(self._file.stage(name)):
            self._execute(stage, folder, variables, only)
        return Built(folder, variables)

    def _execute(self, stage: Stage, folder: Path, variables: dict[str, str], only: str) -> None:
        place = folder
        for each in stage.instructions:
            known = {**self._file.arguments, **self._arguments, **variables}
            if each.word == "ARG":
                variables |= {name: self._arguments.get(name, value) for name, value in each.pairs.items()}
            elif each.word == "ENV":
                variables |= {name: rooted(expand(value, known), folder) for name, value in each.pairs.items()}
            elif each.word == "WORKDIR":
                place = folder / each.rest.strip("/")
                place.mkdir(parents=True, exist_ok=True)
            elif each.word == "COPY":
                self._copy(each, folder, place)
            elif each.word == "RUN" and re.search(only, each.rest):
                self._run(each, folder, place, variables)

    def _copy(self, copy: Instruction, folder: Path, place: Path) -> None:
        *sources, target = copy.words
        to = folder / target.strip("/") if target.startswith("/") else place / target
        if "from" in copy.flags:
            shutil.copytree(self._folder / copy.flags["from"] / sources[0].strip("/"), to, symlinks=True)
            return
        for source in sources:
            for name in files_in(self._context, source, self._ignored):
                inside = Path(name).relative_to(source) if (self._context / source).is_dir() else Path(Path(name).name)
                (to / inside).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(self._context / name, to / inside)

    def _run(self, run: Instruction, folder: Path, place: Path, variables: Mapping[str, str]) -> None:
        environment = {
            **_outside(),
            **variables,
            "PATH": f"{self._base}/bin:{folder}/opt/venv/bin:{os.environ['PATH']}",
        }
        done = subprocess.run(
            ["/bin/sh", "-c", rooted(run.rest, folder)],
            env=environment,
            cwd=place,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BuildError(f"{self._file.path.name}:{run.line}: exit code {done.returncode}\n{done.stdout[-4000:]}")


def rooted(text: str, folder: Path) -> str:
    """Return a command in which the image's own folders lie in `folder`."""
    return _FOLDERS.sub(f"{folder}/", text)


def base_image(folder: Path) -> Path:
    """Make a clean virtual environment with pip: what the base image has of Python."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder


def _outside() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}


def catches(pid: int, number: int) -> bool:
    """Tell whether a process handles a signal itself: as process 1 it would not be ended by it otherwise."""
    status = Path(f"/proc/{pid}/status").read_text()
    (caught,) = re.findall(r"^SigCgt:\s*(\w+)$", status, re.MULTILINE)
    return bool(int(caught, 16) >> (number - 1) & 1)
