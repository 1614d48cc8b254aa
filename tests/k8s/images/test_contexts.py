"""What reaches a build: what its Dockerfile copies, and nothing else."""

from pathlib import Path

import pytest

from tests.k8s.images.dockerfile import DOCKERFILES, IMAGES, ROOT, parse
from tests.k8s.images.ignored import Ignored, files_in, of

# What must reach no build: secrets, histories, environments, tests, caches, what is generated.
KEPT_OUT = [
    ".git/config",
    ".env",
    ".venv/bin/python",
    "README.md",
    "keys.json",
    "tests/conftest.py",
    "gateway/__pycache__/app.cpython-311.pyc",
    "registry/__pycache__/push.cpython-311.pyc",
    "loadtest/bench.py",
    "k8s/overlays/aks/azure.env",
    "model_repository/faq_matcher/.staging-1/model.onnx",
]


def _name(path: Path) -> str:
    return str(path.relative_to(IMAGES))


def _sources(path: Path) -> list[str]:
    copies = [each for stage in parse(path).stages for each in stage.all("COPY") if "from" not in each.flags]
    return [source for each in copies for source in each.words[:-1]]


@pytest.mark.parametrize("path", DOCKERFILES, ids=_name)
def test_what_is_copied_reaches_the_build(path: Path) -> None:
    """Each source of a COPY exists and is let in."""
    for source in _sources(path):
        if source != "model_repository":  # what is in it is generated
            assert list(files_in(ROOT, source, of(path)))


@pytest.mark.parametrize("path", DOCKERFILES, ids=_name)
def test_nothing_else_reaches_the_build(path: Path) -> None:
    """Secrets, histories, environments and tests are kept out; so is what no COPY names."""
    ignored = of(path)
    assert [name for name in KEPT_OUT if name not in ignored] == []
    folders = {"gateway", "converters", "registry", "preprocessing", "doctor", "standalone"}
    wanted = {source.partition("/")[0] for source in _sources(path)}
    assert {folder for folder in folders if f"{folder}/__init__.py" not in ignored} == wanted & folders


def test_later_rules_win_as_in_docker() -> None:
    """The last rule that matches a path or a folder above it decides; `*` stays within a folder."""
    ignored = Ignored("# all\n**\n!kept/**\nkept/*.log\n**/__pycache__\n!one.txt\n")
    assert [name in ignored for name in ("one.txt", "kept/a.py", "kept/deep/b.py", "kept/deep/c.log")] == [False] * 4
    assert [name in ignored for name in ("two.txt", "kept/a.log", "kept/__pycache__/a.pyc")] == [True] * 3


def test_a_source_that_is_kept_out_ends_the_build(tmp_path: Path) -> None:
    """COPY of a file that the rules do not let in is an error, as it is in a build."""
    (tmp_path / "a.py").touch()
    with pytest.raises(FileNotFoundError, match="reaches the build"):
        list(files_in(tmp_path, "a.py", Ignored("**")))
