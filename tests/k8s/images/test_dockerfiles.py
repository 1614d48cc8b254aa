"""Dockerfiles keep to the project's rules; a fault in one of them is found. Checkov's are run by `scoring render`."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.k8s.images.dockerfile import DOCKERFILES, IMAGES, parse
from tests.k8s.images.rules import RULES, Rule

GATEWAY = IMAGES / "gateway" / "Dockerfile"
TRITON = IMAGES / "triton" / "cpu.Dockerfile"
MODELS = IMAGES / "models" / "Dockerfile"

# A fault: the rule that finds it, the file it is planted in, what is replaced, and by what.
FAULTS = [
    ("base_images_are_pinned", GATEWAY, r"python:3\S+$", "python:slim"),
    ("base_images_are_pinned", TRITON, r"tritonserver:26.09-py3$", "tritonserver"),
    ("the_user_is_a_number", GATEWAY, "USER 10001:10001", "USER scoring"),
    ("the_user_is_a_number", TRITON, "USER 10001:10001", "USER 0:0"),
    ("commands_need_no_shell", GATEWAY, r'ENTRYPOINT \["scoring"\]', "ENTRYPOINT scoring"),
    ("commands_need_no_shell", TRITON, r'CMD \["http-ok".*', "CMD http-ok 8000 /v2/health/live"),
    ("images_say_how_they_are_run", MODELS, "HEALTHCHECK NONE", ""),
    ("images_are_labelled", GATEWAY, r"org.opencontainers.image.revision=\S+", 'unnamed="x"'),
    ("pipes_fail_as_a_whole", TRITON, r"SHELL .*", ""),
    ("packages_are_constrained", GATEWAY, r'PIP_CONSTRAINT="[^"]+"', "PIP_CONSTRAINT=x"),
    ("packages_are_constrained", GATEWAY, r"PIP_BUILD_CONSTRAINT=\S+", "PIP_QUIET=1"),
    ("packages_are_constrained", MODELS, "install --no-compile azure", "install azure"),
    ("nothing_comes_from_elsewhere", GATEWAY, "COPY scoring.py ./", "COPY . ./"),
    ("nothing_comes_from_elsewhere", GATEWAY, "COPY scoring.py ./", "ADD scoring.py ./"),
    ("nothing_comes_from_elsewhere", TRITON, " && ldconfig", " && apt-get install -y curl"),
    ("no_secret_is_an_argument", GATEWAY, 'ARG PIP_INDEX_URL=""', 'ARG INDEX_PASSWORD=""'),
    ("every_builder_understands_it", GATEWAY, "RUN python -m venv", "RUN --mount=type=cache,target=/c python -m venv"),
    ("every_builder_understands_it", GATEWAY, "COPY scoring.py", "COPY --chmod=644 scoring.py"),
    ("folders_are_absolute", GATEWAY, "WORKDIR /src", "WORKDIR src"),
    ("stages_exist", GATEWAY, "COPY --from=builder", "COPY --from=bulider"),
]


def _name(path: Path) -> str:
    return str(path.relative_to(IMAGES))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", DOCKERFILES, ids=_name)
def test_dockerfiles_keep_to_the_rules(path: Path, rule: Rule) -> None:
    """No rule finds anything in any of them."""
    assert list(rule(parse(path))) == []


@pytest.mark.parametrize(("name", "path", "pattern", "fault"), FAULTS)
def test_a_planted_fault_is_found(name: str, path: Path, pattern: str, fault: str) -> None:
    """The rule that is about it finds it."""
    text, count = re.subn(pattern, fault, path.read_text(), flags=re.MULTILINE)
    assert count
    (rule,) = [each for each in RULES if each.__name__ == name]
    assert list(rule(parse(path, text)))


def test_every_rule_has_a_fault() -> None:
    """No rule stands there that has never found anything."""
    assert {rule.__name__ for rule in RULES} == {name for name, *_ in FAULTS}


@pytest.mark.parametrize("path", DOCKERFILES, ids=_name)
def test_every_command_is_valid_shell(path: Path) -> None:
    """Those that no test can execute are at least parsed, by the shell that would run them."""
    file = parse(path)
    for stage in file.stages:
        shell = "bash" if any(one.all("SHELL") for one in file.lineage(stage)) else "sh"
        for run in stage.all("RUN"):
            done = subprocess.run([shell, "-n", "-c", run.rest], capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{run.line}: {done.stderr}"


def test_every_script_that_is_copied_can_be_run() -> None:
    """Scripts of the images' builds have their mode in the repository, and are valid shell."""
    scripts = [path for path in (IMAGES / "triton").iterdir() if path.is_file() and not path.suffix]
    assert {"collect-libraries", "http-ok", "needed-libraries", "smoke-test"} <= {path.name for path in scripts}
    for path in scripts:
        assert path.stat().st_mode & 0o111 == 0o111, path
        assert subprocess.run(["bash", "-n", path], check=False).returncode == 0
