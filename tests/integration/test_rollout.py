"""Roll-outs as Kubernetes does them, with manifests whose timings are short: nobody notices, unless they are wrong."""

from pathlib import Path

import pytest

from loadtest.faults.balancers import HAPROXY
from loadtest.rollout.benchmark import Conditions, run
from loadtest.rollout.cluster import Delays
from loadtest.rollout.names import library
from loadtest.rollout.report import RolloutReport, judge
from tests.loadtest.rollout.changed import GATEWAY, TRITON, Change, Objects, changed, shortened

pytestmark = [
    pytest.mark.triton,
    pytest.mark.skipif(HAPROXY.found() is None, reason="haproxy is not installed"),
    pytest.mark.skipif(library() is None, reason="libnss-wrapper is not installed"),
]
CONDITIONS = Conditions(delays=Delays(endpoints=0.5, names=0.5), http_per_s=40, grpc_per_s=20, calm=1)


def rolled_out(repository: Path, folder: Path, *changes: Change, patience: float) -> RolloutReport:
    """Update gateways, then the model, with changed manifests."""
    manifests = changed(folder, shortened, *changes)
    conditions = CONDITIONS._replace(patience=patience)
    return run(repository, manifests, ("gateways", "model"), conditions, lambda *_: None)


def test_roll_outs_lose_no_request(repository: Path, tmp_path: Path) -> None:
    """Gateways with a new setting, then a new version of the model: both versions answer, all of it rightly."""
    report = rolled_out(repository, tmp_path, patience=30)
    assert [str(goal) for goal in judge(report) if not goal.met] == []
    for effect in report.scenes[1].effects:
        assert set(effect.versions) == {"1", "2"}
        assert set(effect.statuses) == {"200"}


def _faulty(objects: Objects) -> None:
    objects.settings()["SCORING_DRAIN_DELAY"] = "0"  # gone before the edge hears of it
    objects.pod(TRITON)["terminationGracePeriodSeconds"] = 3  # its hook alone takes as long
    objects.pod(GATEWAY)["initContainers"][0]["args"].append("--interval=3600")  # never hears of the new version


def test_wrong_manifests_are_found_out(repository: Path, tmp_path: Path) -> None:
    """Each of three faults makes its goal missed: requests lost on an update, and on a roll-out, and pods killed."""
    report = rolled_out(repository, tmp_path, _faulty, patience=0)
    gateways_lost, gateways_killed, model_lost, model_killed = judge(report)
    assert not gateways_lost.met
    assert gateways_killed.met
    assert not model_lost.met
    assert not model_killed.met
    assert {"503", "200"} <= set(report.scenes[1].effects[0].statuses)
