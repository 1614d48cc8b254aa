"""Checkov's policies on manifests, Dockerfiles and Bicep files: one process for all, for it is slow to start.

It looks for connections between objects (a Pod's NetworkPolicy) in all files together; the doctor looks for those in
each overlay by itself.
"""

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from json import JSONDecodeError, JSONDecoder
from pathlib import Path
from typing import Any, Self

from doctor.tree import mappings, text, texts
from k8s.render.errors import RenderError
from k8s.render.finding import Finding

MANIFESTS, IMAGES, INFRA = "manifests", "images", "infra"
_CONFIG = "policies/checkov.yaml"
_INSTALLED = Path(".venv-policy/bin/checkov")
_PATIENCE = 300  # seconds
_SOURCES = {IMAGES: "*ockerfile*", INFRA: "*.bicep"}

_UNSEEN = Finding("checkov", "", "no rule passed: it looked at none of these files", "make policy-tools; is all valid?")


def program() -> Path:
    """Return where checkov is. Raises RenderError."""
    if _INSTALLED.exists():
        return _INSTALLED.absolute()
    if found := shutil.which("checkov"):
        return Path(found)
    raise RenderError("checkov is not installed", "make policy-tools installs it; --no-policies does without")


class Scan:
    """A run of checkov, which goes on while others work: over manifests that are staged, and a folder `k8s`.

    `files` are numbers of files by subject: an overlay, images or infra.
    """

    def __init__(self, checkov: Path, folder: Path, staged: Path) -> None:
        self.files = {path.stem: 1 for path in sorted((staged / MANIFESTS).iterdir())}
        self.files |= {name: _stage(folder, name, staged) for name in _SOURCES}
        self._staged = str(staged.resolve())
        command = [str(checkov), "--config-file", str((folder / _CONFIG).absolute()), "--directory", "."]
        self._process = subprocess.Popen(
            command, cwd=staged, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

    def findings(self) -> dict[str, list[Finding]]:
        """Wait, and return what was found by subject. Raises RenderError."""
        try:
            output, log = self._process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            raise RenderError(f"checkov was not done after {_PATIENCE} s", "try again, or --no-policies") from None
        found: dict[str, list[Finding]] = {}
        seen = set()
        for report in _reports(output.replace(self._staged, ""), log):  # some paths are absolute, others are not
            passed = mappings(report, "results", "passed_checks")
            seen |= {_place(text(each, "file_path"), "", "")[0] for each in passed}
            for subject, finding in _faults(report):
                found.setdefault(subject, []).append(finding)
        for subject in {name for name, files in self.files.items() if files} - seen:
            found.setdefault(subject, []).append(_UNSEEN)
        return found


def _stage(folder: Path, name: str, goal: Path) -> int:
    """Copy the Dockerfiles or Bicep files of a folder `k8s` beside the manifests, and count them."""
    paths = [path for path in (folder / name).rglob(_SOURCES[name]) if path.is_file()]
    for path in paths:
        copy = goal / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return len(paths)


def _reports(output: str, log: str) -> Sequence[Mapping[str, Any]]:
    try:
        found, _ = JSONDecoder().raw_decode(output.lstrip())
    except JSONDecodeError:
        last = (log.strip().splitlines() or ["it says nothing"])[-1]
        raise RenderError(f"checkov failed: {last[:300]}", "make policy-tools installs the tested version") from None
    return found if isinstance(found, list) else [found]


def _faults(report: Mapping[str, Any]) -> Iterator[tuple[str, Finding]]:
    results = report.get("results", {})
    for each in mappings(results, "failed_checks"):
        subject, thing = _place(text(each, "file_path"), text(each, "resource"), text(report, "check_type"))
        keys = ", ".join(texts(each, "check_result", "evaluated_keys"))
        rule = text(each, "check_id")
        yield subject, Finding(thing, keys, text(each, "check_name"), _advice(each), rule)
    for each in mappings(results, "skipped_checks"):
        subject, thing = _place(text(each, "file_path"), text(each, "resource"), text(report, "check_type"))
        yield subject, Finding(thing, "", f"a comment skips {text(each, 'check_id')}", "use policies/suppressions.yaml")
    for path in texts(results, "parsing_errors"):
        subject, thing = _place(f"/{path.lstrip('/')}", "", text(report, "check_type"))
        yield subject, Finding(thing or path, "", "checkov cannot parse it", "is its syntax right?")


def _place(path: str, resource: str, kind: str) -> tuple[str, str]:
    """The subject and the object that a finding is about."""
    _, folder, *rest = Path(path).parts
    file = "/".join(rest)
    if folder != MANIFESTS:
        return folder, f"{file}/{resource}" if kind == "bicep" and resource else file
    kind_of, _, name = resource.partition(".")  # Deployment.scoring.gateway
    return Path(file).stem, f"{kind_of}/{name.partition('.')[2]}" if "." in name else file


def _advice(check: Mapping[str, Any]) -> str:
    return text(check, "guideline") or "mend it, or say in policies/suppressions.yaml why it is right"
