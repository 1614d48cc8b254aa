"""Dockerfiles as their tests read them: stages of instructions. Only what this project writes is understood."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[3]
IMAGES = ROOT / "k8s" / "images"
DOCKERFILES = sorted({*IMAGES.rglob("Dockerfile"), *IMAGES.rglob("*.Dockerfile")})

_REFERENCE = re.compile(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))")


@dataclass(frozen=True)
class Instruction:
    """One instruction: its word in capitals, flags (--from=...), the rest as one line, and where it begins."""

    word: str
    flags: dict[str, str]
    rest: str
    line: int

    @property
    def exec_form(self) -> list[str] | None:
        """The list of strings, if it is written as one."""
        try:
            parsed = json.loads(self.rest)
        except json.JSONDecodeError:
            return None
        return parsed if isinstance(parsed, list) else None

    @property
    def words(self) -> list[str]:
        """The rest, split as a shell would."""
        return shlex.split(self.rest)

    @property
    def pairs(self) -> dict[str, str]:
        """NAME=VALUE of an ARG, ENV or LABEL; a name without a value has none."""
        parts = [word.partition("=") for word in self.words]
        return {name: value for name, equals, value in parts if equals}


@dataclass(frozen=True)
class Stage:
    """From one FROM to the next: its name (its number, if it has none), what it builds on, its instructions."""

    name: str
    base: str
    line: int
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, *words: str) -> list[Instruction]:
        """Return the instructions with one of these words, in order."""
        return [each for each in self.instructions if each.word in words]


@dataclass(frozen=True)
class Dockerfile:
    """A whole file: the arguments before the first FROM, and the stages."""

    path: Path
    arguments: dict[str, str]
    stages: list[Stage]

    def stage(self, name: str) -> Stage:
        """Return the stage of this name; the last one for an empty name. Raises StopIteration if there is none."""
        return next(each for each in reversed(self.stages) if name in ("", each.name))

    def lineage(self, stage: Stage) -> list[Stage]:
        """Return the stage and those of this file that it builds on, the first one first."""
        before = self.stages[: self.stages.index(stage)]
        parent = next((each for each in before if each.name == stage.base), None)
        return [*(self.lineage(parent) if parent else []), stage]

    def final(self, word: str, stage: str = "") -> Instruction | None:
        """Return the last instruction of this word that holds for an image: of its stage, or one it builds on."""
        lineage = self.lineage(self.stage(stage))
        found = [each for one in lineage for each in one.all(word)]
        return found[-1] if found else None

    def environment(self, stage: str = "") -> dict[str, str]:
        """Return what ENV sets in an image, as it is written."""
        lineage = self.lineage(self.stage(stage))
        return {name: value for one in lineage for each in one.all("ENV") for name, value in each.pairs.items()}

    def ports(self, stage: str = "") -> set[int]:
        """Return the ports that an image exposes."""
        lineage = self.lineage(self.stage(stage))
        return {int(port) for one in lineage for each in one.all("EXPOSE") for port in each.words}


def expand(text: str, values: dict[str, str]) -> str:
    """Put values in the place of $NAME, ${NAME} and ${NAME:-default}; an unknown name becomes empty."""
    return _REFERENCE.sub(lambda found: values.get(found[1] or found[3]) or found[2] or "", text)


def parse(path: Path, text: str | None = None) -> Dockerfile:
    """Read a Dockerfile, or `text` in its place."""
    arguments: dict[str, str] = {}
    stages: list[Stage] = []
    for each in _instructions(path.read_text() if text is None else text):
        if each.word == "FROM":
            base, *named = each.words
            name = named[1] if named else str(len(stages))
            stages.append(Stage(name, expand(base, arguments), each.line))
        elif stages:
            stages[-1].instructions.append(each)
        else:
            arguments |= each.pairs
    return Dockerfile(path, arguments, stages)


def _instructions(text: str) -> list[Instruction]:
    found: list[Instruction] = []
    parts: list[str] = []
    begin = 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or (not parts and not line.strip()):
            continue  # comments may stand between the lines of an instruction
        begin = begin if parts else number
        goes_on = line.endswith("\\")
        parts.append(line[:-1] if goes_on else line)
        if not goes_on:
            found.append(_instruction("".join(parts), begin))
            parts = []
    return found


def _instruction(text: str, line: int) -> Instruction:
    word, _, rest = text.strip().partition(" ")
    flags: dict[str, str] = {}
    rest = rest.strip()
    while flag := re.match(r"--([a-z-]+)(?:=(\S+))?\s+", rest):
        flags[flag[1]] = flag[2] or ""
        rest = rest[flag.end() :]
    return Instruction(word.upper(), flags, rest, line)
