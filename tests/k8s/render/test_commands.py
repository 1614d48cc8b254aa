"""`scoring render` as CI and people call it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from k8s.render.commands import app
from k8s.render.examination import Overlay
from k8s.render.outcome import Outcome
from k8s.render.tools import RELEASES
from tests.k8s.manifests.rendering import K8S, copy_of_k8s, needs_kubectl
from tests.k8s.render.trees import ROOT, edit


def call(*arguments: object) -> Result:
    """Call the command."""
    return CliRunner(env={"NO_COLOR": "1"}).invoke(app, [str(each) for each in arguments])


def local(folder: Path, *arguments: object) -> Result:
    """Call it for one overlay, without checkov."""
    models = ROOT / "model_repository"
    return call("local", "--no-policies", "--folder", folder, "--model-repository", models, *arguments)


@needs_kubectl
def test_writes_what_changed_and_then_finds_nothing(tmp_path: Path) -> None:
    """A fault fails the check, with the difference and the command that mends it, which does."""
    folder = copy_of_k8s(tmp_path)
    edit(folder / "base/gateway/deployment.yaml", "minReadySeconds: 10", "minReadySeconds: 11")
    before = (folder / "rendered/local.yaml").read_text()
    checked = local(folder, "--check")
    assert checked.exit_code == 1
    for words in (
        "local  files  rendered/local.yaml",
        "+  minReadySeconds: 11",
        "do: look",
        "scoring render",
        "1 finding",
    ):
        assert words in checked.stdout
    assert (folder / "rendered/local.yaml").read_text() == before
    assert local(folder).exit_code == 0
    after = (folder / "rendered/local.yaml").read_text()
    assert after == before.replace("minReadySeconds: 10", "minReadySeconds: 11", 1)
    assert after.startswith("# `scoring render` wrote this from k8s/overlays/local;")
    assert local(folder, "--check").exit_code == 0


def test_custom_resources_without_definitions_are_named() -> None:
    """With the command that gets them from a cluster."""
    overlay = Overlay(K8S / "rendered/aks-cpu.yaml", RELEASES, None)
    note = Outcome(unknown=overlay.unknown).not_validated(definitions=False)
    assert "ScaledObject (keda.sh/v1alpha1)" in note
    assert "give their definitions with --crds DIR" in note
    assert "kubectl get crd -o yaml" in note


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["aks-cpus"], "did you mean aks-cpu?"),
        (["--folder", "/nowhere"], "there are no overlays in /nowhere/overlays"),
        (["--kubernetes", "1.34,1.7"], "no schemas of Kubernetes 1.7"),
        (["--kubernetes", ""], "no schemas of Kubernetes ''"),
        (["--crds", "/nowhere"], "no CustomResourceDefinition in /nowhere"),
        (["--model-repository", "/nowhere"], "/nowhere is not a folder"),
    ],
)
def test_what_cannot_run_says_so(arguments: list[str], words: str) -> None:
    """Exit code 2, a line on standard error and what to do, before anything is rendered."""
    result = call("--check", "--no-policies", "--folder", K8S, *arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())
    assert not result.stdout


def test_missing_programs_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kubectl and checkov, each with how to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert "install kubectl" in local(K8S, "--check").stderr
    assert "make policy-tools" in call("--folder", K8S, "--check").stderr


@needs_kubectl
def test_what_kustomize_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    """Without what Kubernetes' logger puts around it."""
    folder = copy_of_k8s(tmp_path)
    (folder / "overlays/local/kustomization.yaml").write_text("resources: [nowhere.yaml, {]")
    result = local(folder)
    assert result.exit_code == 1
    assert "kustomize fails: invalid Kustomization: yaml: " in result.stdout
    assert "command failed" not in result.stdout


@pytest.mark.parametrize(
    "content",
    [
        "suppressions: [{rule: X, where: a/b}]",
        "suppressions: [{rule: X, where: a/b, reason: because}]",
        "suppressions: [{rule: X, where: a/b, reason: a long enough reason it is, until: 2030}]",
        "suppressions: {",
    ],
)
@needs_kubectl
def test_suppression_without_a_reason_is_refused(tmp_path: Path, content: str) -> None:
    """One that says too little stops everything."""
    folder = copy_of_k8s(tmp_path)
    (folder / "policies/suppressions.yaml").write_text(content)
    result = local(folder, "--check")
    assert result.exit_code == 2
    assert "suppressions.yaml" in result.stderr
