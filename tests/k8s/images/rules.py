"""What every Dockerfile of this project keeps to: hadolint's common rules, and what ACR Tasks' builder cannot do.

Each rule returns what it found wrong, one line for each finding.
"""

import re
from collections.abc import Callable, Iterator

from tests.k8s.images.dockerfile import Dockerfile, Instruction, Stage

Rule = Callable[[Dockerfile], Iterator[str]]

_LABELS = ("title", "description", "version", "revision", "source", "licenses", "base.name")
_SECRET = re.compile(r"(?i)(password|passwd|secret|token|api_?key|credential)")
_INSTALLS = re.compile(r"\bpip\b[^&|;]*\binstall\b")


def base_images_are_pinned(file: Dockerfile) -> Iterator[str]:
    """Each image to build on has a tag that is not a moving one, or a digest."""
    ours = {stage.name for stage in file.stages}
    for stage in file.stages:
        tag = stage.base.rpartition("/")[2].partition(":")[2]
        if stage.base not in ours and (not tag or "latest" in tag or not re.search(r"\d", tag)):
            yield f"{stage.line}: {stage.base or 'an empty name'} has no fixed tag"


def the_user_is_a_number(file: Dockerfile) -> Iterator[str]:
    """Every image that may be built runs as a number that is not root's: Kubernetes compares no names."""
    for target in _images(file):
        user = file.final("USER", target.name)
        if not (user and re.fullmatch(r"[1-9]\d*:[1-9]\d*", user.rest)):
            yield f"{target.line}: {target.name} runs as {user.rest if user else 'root'}"


def commands_need_no_shell(file: Dockerfile) -> Iterator[str]:
    """ENTRYPOINT, CMD and HEALTHCHECK are lists: a shell as process 1 passes no signals on."""
    for stage in file.stages:
        for each in stage.all("ENTRYPOINT", "CMD"):
            if each.exec_form is None:
                yield f"{each.line}: {each.word} is not a list"
        for each in stage.all("HEALTHCHECK"):
            command = Instruction("CMD", {}, each.rest.removeprefix("CMD").strip(), each.line)
            if each.rest != "NONE" and command.exec_form is None:
                yield f"{each.line}: HEALTHCHECK is not a list"


def images_say_how_they_are_run(file: Dockerfile) -> Iterator[str]:
    """Each image has an entry point, and says how its health is checked, or that it is not."""
    for target in _images(file):
        for word in ("ENTRYPOINT", "HEALTHCHECK", "WORKDIR"):
            if not file.final(word, target.name):
                yield f"{target.line}: {target.name} has no {word}"


def images_are_labelled(file: Dockerfile) -> Iterator[str]:
    """Each image carries the OCI annotations that say what it is and where it comes from, filled by arguments."""
    for target in _images(file):
        lineage = file.lineage(target)
        labels = {name: value for one in lineage for each in one.all("LABEL") for name, value in each.pairs.items()}
        for name in _LABELS:
            if not labels.get(f"org.opencontainers.image.{name}"):
                yield f"{target.line}: {target.name} lacks the label org.opencontainers.image.{name}"


def pipes_fail_as_a_whole(file: Dockerfile) -> Iterator[str]:
    """Where a RUN has a pipe, the shell fails when any part of it does."""
    for stage in file.stages:
        shells = [each.rest for one in file.lineage(stage) for each in one.all("SHELL")]
        for run in stage.all("RUN"):
            if re.search(r"[^|]\|[^|]", run.rest) and not any("pipefail" in shell for shell in shells):
                yield f"{run.line}: a pipe without pipefail"


def packages_are_constrained(file: Dockerfile) -> Iterator[str]:
    """Pip knows the constraints, wherever it installs, and those of what builds wheels; it compiles nothing itself."""
    for stage in file.stages:
        variables = file.environment(stage.name)
        for run in stage.all("RUN"):
            if not _INSTALLS.search(run.rest):
                continue
            if "constraints.txt" not in variables.get("PIP_CONSTRAINT", ""):
                yield f"{run.line}: pip installs without constraints.txt"
            if "build-constraints.txt" not in variables.get("PIP_BUILD_CONSTRAINT", ""):
                yield f"{run.line}: pip builds without build-constraints.txt"
            if "--no-compile" not in run.rest:
                yield f"{run.line}: pip would compile, with times of files in the result"


def nothing_comes_from_elsewhere(file: Dockerfile) -> Iterator[str]:
    """No ADD, no download, no system package, no whole context: what is inside is named, and pinned elsewhere."""
    for stage in file.stages:
        for each in stage.instructions:
            if each.word in {"ADD", "MAINTAINER", "ONBUILD", "VOLUME"}:
                yield f"{each.line}: {each.word}"
            if each.word == "RUN" and (found := re.search(r"\b(curl|wget|git|apt|apt-get|apk|sudo|ssh)\b", each.rest)):
                yield f"{each.line}: {found[1]} in a build"
            if each.word == "COPY" and "from" not in each.flags and set(each.words[:-1]) & {".", "./", "*"}:
                yield f"{each.line}: COPY of everything"


def no_secret_is_an_argument(file: Dockerfile) -> Iterator[str]:
    """No ARG or ENV is for a secret: both can be read in the image's history."""
    for each in [one for stage in file.stages for one in stage.all("ARG", "ENV")]:
        for name in [*each.pairs, *each.words]:
            if _SECRET.search(name.partition("=")[0]):
                yield f"{each.line}: {name.partition('=')[0]} looks like a secret"


def every_builder_understands_it(file: Dockerfile) -> Iterator[str]:
    """Nothing that BuildKit alone knows: ACR Tasks build without it."""
    for stage in file.stages:
        for each in stage.instructions:
            if each.flags.keys() & {"mount", "network", "security", "link", "parents", "exclude", "chmod"}:
                yield f"{each.line}: {each.word} --{'/--'.join(each.flags)}"
            if re.search(r"<<-?['\"]?[A-Z]", each.rest):
                yield f"{each.line}: a here-document"


def folders_are_absolute(file: Dockerfile) -> Iterator[str]:
    """WORKDIR names a whole path, and nobody walks with cd."""
    for each in [one for stage in file.stages for one in stage.all("WORKDIR", "RUN")]:
        if each.word == "WORKDIR" and not each.rest.startswith("/"):
            yield f"{each.line}: WORKDIR {each.rest}"
        if each.word == "RUN" and re.search(r"(^|&&|;)\s*cd\s", each.rest):
            yield f"{each.line}: cd in a RUN"


def stages_exist(file: Dockerfile) -> Iterator[str]:
    """COPY --from names a stage above it."""
    for number, stage in enumerate(file.stages):
        known = {each.name for each in file.stages[:number]}
        for each in stage.all("COPY"):
            if each.flags.get("from", stage.name) not in {*known, stage.name}:
                yield f"{each.line}: there is no stage {each.flags['from']}"


RULES: tuple[Rule, ...] = (
    base_images_are_pinned,
    the_user_is_a_number,
    commands_need_no_shell,
    images_say_how_they_are_run,
    images_are_labelled,
    pipes_fail_as_a_whole,
    packages_are_constrained,
    nothing_comes_from_elsewhere,
    no_secret_is_an_argument,
    every_builder_understands_it,
    folders_are_absolute,
    stages_exist,
)


def _images(file: Dockerfile) -> list[Stage]:
    """Return the stages that a build may end with: the last one, and those that are named as bake's targets are."""
    return [stage for stage in file.stages if stage is file.stages[-1] or stage.name.startswith("models")]
