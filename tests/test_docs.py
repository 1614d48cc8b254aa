"""The documents agree with the code."""

import re
import subprocess
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from gateway.settings import Settings, env_name, flag_name
from scoring import COMMANDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("k8s/**/*.md")])


def test_readme_lists_every_setting() -> None:
    """Each gateway setting is a row of README's table: flag, variable, default and what changing it does."""
    for setting in fields(Settings):
        default = "" if setting.default == "" else f"`{setting.default}`"
        row = f"| `{flag_name(setting)}` | `{env_name(setting)}` | {default} | {setting.metadata['help']} |"
        assert row in README, row


def test_readme_lists_no_other_setting() -> None:
    """The table holds nothing that the gateway does not know."""
    known = {env_name(setting) for setting in fields(Settings)}
    assert set(re.findall(r"SCORING_[A-Z_]+", README)) <= known


def test_every_make_target_is_explained() -> None:
    """`make help` has a line for each target, and README or CONTRIBUTING names it."""
    makefile = (ROOT / "Makefile").read_text()
    (targets,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    documents = README + (ROOT / "CONTRIBUTING.md").read_text()
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in targets.split():
        assert re.search(rf"^  {target} +[A-Z]", shown, re.MULTILINE), target
        assert f"make {target}" in documents, target


def test_readme_names_every_command() -> None:
    """Each sub-command of `scoring` is mentioned."""
    assert all(f"scoring {command}" in README for command in COMMANDS)


def test_changelog_has_the_version() -> None:
    """The newest entries stand under Unreleased or the package's version."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert "## [Unreleased]" in changelog
    assert f"## [{version}]" in changelog


def _anchors(document: Path) -> set[str]:
    """Return what headings of a document can be linked to, as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_files_lead_somewhere(document: Path) -> None:
    """Relative links of a document point to existing files, and to headings that they have."""
    for link in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)", document.read_text()):
        name, _, anchor = link.partition("#")
        target = document.parent / name if name else document
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link
