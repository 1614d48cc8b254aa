"""Faults planted in a copy of k8s, all of them at once, are found by one run of `scoring render --check`."""

import pytest

from k8s.render.finding import Column
from k8s.render.outcome import Outcome
from k8s.render.run import run
from k8s.render.tools import RELEASES, Tools
from tests.k8s.manifests.rendering import copy_of_k8s, needs_kubectl
from tests.k8s.render.trees import CHECKOV, CRDS, edit, needs_checkov, needs_crds, request

pytestmark = needs_kubectl
GATEWAY, BUDGET = "base/gateway/deployment.yaml", "base/triton/pod-disruption-budget.yaml"
SUPPRESSED = """  - rule: CKV_K8S_16
    where: local/Deployment/nobody
    reason: nothing of that name has ever been there
"""
# file below k8s, what stands there, and what is planted
PLANTED = [
    ("rendered/local.yaml", "priorityClassName: scoring-gateway", "priorityClassName: scoring-other"),
    ("overlays/aks/kustomization.yaml", "components/azure #", "components/azur #"),
    ("monitoring/dashboards/scoring-service.json", '"title"', '"titel"'),
    ("monitoring/azure-rule-groups.json", '"severity"', '"severities"'),
    (GATEWAY, "terminationGracePeriodSeconds: 40", "terminationGracePeriodSeconds: 20"),
    (GATEWAY, "revisionHistoryLimit", "revisionHistoryLimits"),
    (GATEWAY, "failureThreshold: 60", 'failureThreshold: "60"'),
    (GATEWAY, 'limits: { cpu: "2", ', "limits: { "),
    (GATEWAY, "allowPrivilegeEscalation: false", "privileged: true"),
    (BUDGET, "policy/v1", "policy/v1beta1"),
    ("components/autoscaling/triton-cpu.yaml", "maxReplicaCount", "maxReplicas"),
    ("images/gateway/Dockerfile", "USER 10001:10001", "USER root"),
    ("images/models/Dockerfile", "HEALTHCHECK NONE", "# checkov:skip=CKV_DOCKER_2: no\n"),
    ("infra/modules/model-store.bicep", "TLS1_2", "TLS1_0"),
    ("infra/modules/registry.bicep", "resource registry", "resource {{{"),
    ("policies/suppressions.yaml", "suppressions:\n", f"suppressions:\n{SUPPRESSED}"),
]
# subject, check, and what is said of the object or of what is wrong with it
FOUND = [
    ("local", Column.FILES, "rendered/local.yaml  the committed file is not current"),
    ("aks", Column.FILES, "components/azur"),
    ("generated", Column.FILES, "scoring-service.json"),
    ("generated", Column.FILES, "azure-rule-groups.json"),
    ("generated", Column.FILES, "no overlay of its name"),
    ("local", Column.KUBERNETES, "spec.revisionHistoryLimits"),
    ("local", Column.KUBERNETES, "'60' is not a whole number"),
    ("aks-cpu", Column.KUBERNETES, "there is no PodDisruptionBudget in policy/v1beta1"),
    ("local", Column.DOCTOR, "is killed after 20 s"),
    ("local", Column.DOCTOR, "it is privileged"),
]
FOUND_BY_CHECKOV = [
    ("local", "CKV_K8S_16"),
    ("local", "CPU limits should be set"),
    ("images", "CKV_DOCKER_8"),
    ("images", "a comment skips CKV_DOCKER_2"),
    ("infra", "CKV_AZURE_44"),
    ("infra", "modules/registry.bicep  checkov cannot parse it"),
    ("suppressions", "nothing at local/Deployment/nobody"),
]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What the run says."""
    folder = copy_of_k8s(tmp_path_factory.mktemp("planted"))
    for path, old, new in PLANTED:
        edit(folder / path, old, new)
    (folder / "rendered/old.yaml").write_text("")
    tools = Tools.found(RELEASES, CRDS if CRDS.is_dir() else None, policies=CHECKOV.exists())
    return run(request(folder, tools=tools))


def said(outcome: Outcome, row: str, column: Column) -> str:
    """All that a check says of a subject."""
    found = [
        each for result in outcome.results if (result.row, result.column) == (row, column) for each in result.findings
    ]
    assert all(each.advice for each in found)
    return "\n".join(" ".join(each) for each in found)


@pytest.mark.parametrize(("row", "column", "words"), FOUND)
def test_planted_fault_is_found(outcome: Outcome, row: str, column: Column, words: str) -> None:
    """By the check that is there for it."""
    assert words in said(outcome, row, column)


@needs_crds
def test_wrong_field_of_a_custom_resource_is_found(outcome: Outcome) -> None:
    """The API server would drop it without a word."""
    assert "ScaledObject/triton-cpu spec.maxReplicas there is no such field" in said(outcome, "aks-cpu", Column.CUSTOM)


@needs_checkov
@pytest.mark.parametrize(("row", "words"), FOUND_BY_CHECKOV)
def test_broken_policy_is_found(outcome: Outcome, row: str, words: str) -> None:
    """In manifests, Dockerfiles, Bicep files, and among the suppressions."""
    assert words in said(outcome, row, Column.POLICIES)
