"""Replacing every part of the service, one after the other, behind a real load balancer: nobody notices."""

from pathlib import Path

import pytest

from loadtest.faq.plan import MODEL
from loadtest.faults.balancers import BALANCERS, balanced
from loadtest.faults.deployment import deployed
from loadtest.faults.load import questions, under_load
from loadtest.openloop.summary import statuses

pytestmark = pytest.mark.triton

INSTALLED = next((balancer for balancer in BALANCERS if balancer.found()), None)
PER_SECOND = 50.0
PATIENT = {"Request-Timeout": "20"}  # however busy the machine that tests run on


@pytest.mark.skipif(INSTALLED is None, reason="neither haproxy nor nginx is installed")
def test_rolling_restart_loses_no_request(repository: Path) -> None:
    """Two Tritons and two gateways are stopped and started again under load; every single request gets its answer."""
    assert INSTALLED is not None
    with deployed(repository, [MODEL]) as deployment, balanced(INSTALLED, deployment.addresses) as port:
        with under_load([questions(port, PER_SECOND, PATIENT)]) as load:
            for part in deployment.parts:
                deployment.replace(part)
        (sent,) = load.sent
    assert set(statuses(sent.outcome)) == {"200"}
    assert len(sent.outcome.status) > PER_SECOND
