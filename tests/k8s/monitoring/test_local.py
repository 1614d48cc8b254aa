"""The configuration of a Prometheus beside `scoring serve`."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

CONFIG = Path(__file__).parents[3] / "k8s/monitoring/local/prometheus.yaml"


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_takes_it_with_the_rules() -> None:
    """It finds the rule files from where it lies."""
    checked = subprocess.run(["promtool", "check", "config", CONFIG], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "rules found" in checked.stdout


def test_targets_are_labelled_as_in_the_cluster() -> None:
    """The jobs are those of the PodMonitors, or rules and dashboards find nothing."""
    jobs = {
        each["job_name"]: each["static_configs"][0]["labels"]
        for each in yaml.safe_load(CONFIG.read_text())["scrape_configs"]
    }
    assert set(jobs) == {"gateway", "triton"}
    assert {labels["namespace"] for labels in jobs.values()} == {"scoring"}
    assert jobs["triton"]["pool"] == "cpu"
