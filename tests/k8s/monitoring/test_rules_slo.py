"""The objectives: what counts, how fast the error budget goes, and when that is somebody's business."""

import pytest

from k8s.monitoring.rule_files import FOLDER
from tests.k8s.monitoring.cases.slo import CASES, SLOW_CASES
from tests.k8s.monitoring.promtool import Case, needs_promtool, verify
from tests.k8s.monitoring.scraped import durations, requests

pytestmark = needs_promtool

_RULES = FOLDER / "slo.yaml"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_alerts(case: Case) -> None:
    """The alert fires when it should, and is silent when it should not."""
    case.check(_RULES)


@pytest.mark.parametrize("case", SLOW_CASES, ids=str)
def test_slow_alerts(case: Case) -> None:
    """So does the one for what goes on for days; the rules are looked at once an hour, to save time."""
    case.check(_RULES, every="1h")


def test_burn_rates() -> None:
    """Failures are weighed by requests, not by time: one bad quiet hour is not worse than a good busy one is good."""
    good, bad = "0+5x60 300+1000x70", "0+5x60 300x70"
    verify(
        {requests(200): good, requests(500): bad},
        {
            'sum(scoring:slo_burn:rate2h{slo="faq-availability"}) < bool 15': 1.0,
            'sum(scoring:slo_burn:rate1h{slo="faq-availability"})': 0.0,
            'scoring:slo_burn:rate2h{slo="images-availability"}': None,
        },
        "2h5m",
        _RULES,
    )


def test_budget() -> None:
    """A burn rate of 1 is as many failures as the objective allows."""
    series = {requests(200): "0+999x30", requests(504): "0+1x30", **durations("0+990x30", "0+1000x30")}
    expected = {f"sum(scoring:slo_burn:rate30m{{slo='faq-{kind}'}})": 1.0 for kind in ("availability", "latency")}
    verify(series, expected, "30m", _RULES)


def test_no_failures() -> None:
    """Before the first failure the burn rate is 0, not unknown."""
    verify({requests(200): "0+60x30"}, {"sum(scoring:slo_burn:rate30m{slo='faq-availability'})": 0.0}, "30m", _RULES)
