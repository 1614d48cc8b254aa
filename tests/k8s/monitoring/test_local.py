"""The configuration of a Prometheus beside `scoring serve`."""

from pathlib import Path

import yaml

from tests.k8s.monitoring.promtool import check, needs_promtool

CONFIG = Path(__file__).parents[3] / "k8s/monitoring/local/prometheus.yaml"


@needs_promtool
def test_prometheus_takes_it_with_the_rules() -> None:
    """It finds the rule files from where it lies."""
    assert "rules found" in check("config", CONFIG)


def test_targets_are_labelled_as_in_the_cluster() -> None:
    """The jobs are those of the PodMonitors, or rules and dashboards find nothing."""
    jobs = {
        each["job_name"]: each["static_configs"][0]["labels"]
        for each in yaml.safe_load(CONFIG.read_text())["scrape_configs"]
    }
    assert set(jobs) == {"gateway", "triton"}
    assert {labels["namespace"] for labels in jobs.values()} == {"scoring"}
    assert jobs["triton"]["pool"] == "cpu"
