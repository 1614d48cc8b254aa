"""What the manifests say about pods."""

from pathlib import Path

import pytest

from loadtest.errors import LoadTestError
from loadtest.rollout.manifests import Manifests
from loadtest.rollout.workload import Service, Workloads, read
from tests.loadtest.rollout.changed import GATEWAY, RENDERED, TRITON, Change, Objects, changed

pytestmark = pytest.mark.skipif(not RENDERED.exists(), reason="k8s/rendered is made by `make render`")


def workloads(folder: Path, *changes: Change) -> Workloads:
    """Read manifests with changes."""
    return read(Manifests(changed(folder, *changes)))


def _others(objects: Objects) -> None:
    objects.settings().update(SCORING_DRAIN_DELAY="21", SCORING_GRACE="12")
    triton, gateway = objects.deployment(TRITON), objects.deployment(GATEWAY)
    triton.update(minReadySeconds=33, strategy={"rollingUpdate": {"maxSurge": "50%", "maxUnavailable": "50%"}})
    gateway["template"]["spec"]["terminationGracePeriodSeconds"] = 77
    main = objects.main(TRITON)
    main["args"] = [each for each in main["args"] if "exit-timeout" not in each] + ["--exit-timeout-secs=44"]
    main["lifecycle"] = {"preStop": {"exec": {"command": ["/bin/sh", "-c", "sleep 17"]}}}
    main["readinessProbe"].update(periodSeconds=9, failureThreshold=5, successThreshold=2, initialDelaySeconds=6)


def test_other_manifests_are_other_timings(tmp_path: Path) -> None:
    """Nothing is known but what stands in the file."""
    found = workloads(tmp_path, _others)
    gateway, triton = found.gateway, found.triton
    assert (gateway.environ["SCORING_DRAIN_DELAY"], gateway.environ["SCORING_GRACE"]) == ("21", "12")
    assert gateway.timings.termination_grace == 77
    timings, probe = triton.timings, triton.timings.readiness
    assert (timings.min_ready, timings.pre_stop) == (33, 17)
    assert (probe.period, probe.failures, probe.successes, probe.initial_delay) == (9, 5, 2, 6)
    assert "--exit-timeout-secs=44" in triton.args
    assert (timings.surge(3), timings.unavailable(3)) == (2, 1)


def test_the_product_s_own_manifests_are_understood() -> None:
    """The gateway's settings lead to the Service, and that to the Tritons."""
    found = read(Manifests(RENDERED))
    assert found.service == Service("triton-cpu", 8001)
    assert found.triton.name == TRITON
    assert found.triton.port("grpc") == 8001
    assert found.gateway.timings.readiness.port == found.gateway.port("metrics")
    assert (found.gateway.models.words[0], found.triton.models.words[0]) == ("follow", "pull")


def _no_name(objects: Objects) -> None:
    objects.settings()["SCORING_TRITON_URL"] = "10.0.0.1:8001"


def _no_such_pods(objects: Objects) -> None:
    objects.find("Service", TRITON)["spec"]["selector"] = {"app.kubernetes.io/name": "nobody"}


def _no_probe(objects: Objects) -> None:
    del objects.main(GATEWAY)["readinessProbe"]


def _a_hook_that_does_not_sleep(objects: Objects) -> None:
    objects.main(TRITON)["lifecycle"] = {"preStop": {"exec": {"command": ["true"]}}}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (_no_name, "no name of a headless Service"),
        (_no_such_pods, "no Deployment has the pods"),
        (_no_probe, "no readinessProbe"),
        (_a_hook_that_does_not_sleep, "does not sleep"),
    ],
)
def test_what_is_not_understood_is_refused(change: Change, what: str, tmp_path: Path) -> None:
    """A timing that nobody imitates would be a test of nothing."""
    with pytest.raises(LoadTestError, match=what):
        workloads(tmp_path, change)


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """With the command that makes it."""
    with pytest.raises(LoadTestError, match=r"absent\.yaml") as caught:
        Manifests(tmp_path / "absent.yaml")
    assert "make render" in caught.value.hint
