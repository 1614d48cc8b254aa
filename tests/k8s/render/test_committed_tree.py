"""`scoring render --check` passes for the committed tree: one run, with all that is installed."""

import pytest

from k8s.render.finding import Column
from k8s.render.outcome import Outcome
from k8s.render.run import run
from k8s.render.tools import RELEASES, Tools
from tests.k8s.manifests.rendering import K8S, OVERLAYS, needs_kubectl
from tests.k8s.render.trees import CHECKOV, CRDS, flat, needs_checkov, needs_crds, request

pytestmark = needs_kubectl


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """What the run says."""
    tools = Tools.found(RELEASES, CRDS if CRDS.is_dir() else None, policies=CHECKOV.exists())
    return run(request(K8S, tools=tools))


def test_nothing_is_wrong(outcome: Outcome) -> None:
    """Files are current, schemas, policies and the doctor content."""
    assert flat(outcome) == []


def test_every_overlay_is_looked_at(outcome: Outcome) -> None:
    """Each check had objects or files to look at."""
    looked_at = {(each.row, each.column): each.looked_at for each in outcome.results}
    for overlay in OVERLAYS:
        assert looked_at[overlay, Column.FILES] == 1
        assert looked_at[overlay, Column.KUBERNETES] > 15
        assert looked_at[overlay, Column.DOCTOR] >= looked_at[overlay, Column.KUBERNETES]
    assert looked_at["generated", Column.FILES] > 4


@needs_crds
def test_custom_resources_are_validated(outcome: Outcome) -> None:
    """All but those whose definitions nobody has here."""
    custom = {each.row: each.looked_at for each in outcome.results if each.column is Column.CUSTOM}
    assert all(custom[overlay] > 5 for overlay in OVERLAYS if overlay != "local")
    assert {each.kind for each in outcome.unknown} <= {"SecretProviderClass", "Certificate", "Issuer"}


@needs_checkov
def test_images_and_infrastructure_are_judged(outcome: Outcome) -> None:
    """By the same run of checkov as the manifests."""
    judged = {each.row: each.looked_at for each in outcome.results if each.column is Column.POLICIES}
    assert judged["images"] >= 5
    assert judged["infra"] > 10
    assert judged["suppressions"] > 0
