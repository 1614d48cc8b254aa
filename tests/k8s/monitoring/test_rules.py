"""Alerts on queues, models, GPUs, certificates, pods and limits."""

import pytest

from k8s.monitoring.rule_files import FOLDER, alerts
from tests.k8s.monitoring.cases import availability, capacity, certificates, gpu, models, queue, slo
from tests.k8s.monitoring.promtool import Case, needs_promtool

_CASES = [
    pytest.param(concern, case, id=str(case))
    for concern, cases in {
        "queue": queue.CASES,
        "models": models.CASES,
        "gpu": gpu.CASES,
        "certificates": certificates.CASES,
        "availability": availability.CASES,
        "capacity": capacity.CASES,
    }.items()
    for case in cases
]


@needs_promtool
@pytest.mark.parametrize(("concern", "case"), _CASES)
def test_alerts(concern: str, case: Case) -> None:
    """The alert fires when it should, and is silent when it should not."""
    case.check(FOLDER / f"{concern}.yaml")


def test_every_alert_is_tested() -> None:
    """Each has a case in which it fires and one in which it does not."""
    concerns = (availability, capacity, certificates, gpu, models, queue, slo)
    tested = [*(case for concern in concerns for case in concern.CASES), *slo.SLOW_CASES]
    names = {rule["alert"] for rule in alerts()}
    assert {case.alert for case in tested if case.firing} == names
    assert {case.alert for case in tested if not case.firing} == names
