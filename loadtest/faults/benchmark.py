"""The faults' benchmark: every scene, one after the other."""

from pathlib import Path

from loadtest.bench import OnStep
from loadtest.errors import LoadTestError
from loadtest.facts import before, facts
from loadtest.faq import plan as faq
from loadtest.faults.balancers import BALANCERS
from loadtest.faults.faults import FAULTS
from loadtest.faults.report import FaultsReport
from loadtest.faults.scenes import one_machine, rolling_restart
from loadtest.images import plan as images
from loadtest.stack import check_published, is_published, product

NAME = "faults"
WORKERS = 2  # of the gateway: one is killed


def run(repository: Path, on_step: OnStep) -> FaultsReport:
    """Strike the real stack. Raises LoadTestError."""
    check_published(repository, faq.MODEL, "publish one with: scoring convert faq")
    models = [faq.MODEL, *([images.MODEL] if is_published(repository, images.MODEL) else [])]
    seen = before()
    present = [balancer for balancer in BALANCERS if balancer.found()]
    if not present:
        raise LoadTestError("neither haproxy nor nginx is installed", "apt-get install haproxy nginx-light")
    on_step("starting Triton and the gateway", 0, len(FAULTS))
    with product(repository, models, environ={"SCORING_WORKERS": str(WORKERS)}) as stack:
        version = stack.triton_version
        machine = one_machine(stack, models, FAULTS, on_step)
    rollouts = [rolling_restart(repository, models, balancer, on_step) for balancer in present]
    return FaultsReport(facts(seen, version), [machine, *rollouts])
