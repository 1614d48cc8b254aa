"""Runs of `scoring render` over the repository's k8s folder, or over copies with planted faults."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from k8s.render import overlays
from k8s.render.finding import Finding
from k8s.render.outcome import Outcome
from k8s.render.run import Request, run
from k8s.render.tools import RELEASES, Tools
from tests.k8s.manifests.rendering import K8S

ROOT = K8S.parent
CRDS = ROOT.parent / "shared" / "schemas"
CHECKOV = ROOT / ".venv-policy" / "bin" / "checkov"

needs_crds = pytest.mark.skipif(not CRDS.is_dir(), reason="no definitions of custom resources in ../shared/schemas")
needs_checkov = pytest.mark.skipif(not CHECKOV.exists(), reason="checkov is not installed: make policy-tools")


def request(folder: Path, names: Sequence[str] = (), tools: Tools | None = None, *, check: bool = True) -> Request:
    """What a run is asked for; by default without checkov and definitions."""
    found = overlays.overlays(folder, names)
    tools = tools or Tools(RELEASES, None, None)
    return Request(folder, found, tools, ROOT / "model_repository", check=check, whole=not names)


def findings(folder: Path, *names: str, tools: Tools | None = None) -> list[Finding]:
    """All that a check of a folder finds."""
    return flat(run(request(folder, names, tools)))


def flat(outcome: Outcome) -> list[Finding]:
    """All findings of a run."""
    return [finding for result in outcome.results for finding in result.findings]


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that is there."""
    text = path.read_text()
    assert old in text, f"{path} has no {old!r}"
    path.write_text(text.replace(old, new))
