"""The rules as the Prometheus operator and Azure take them, and the numbers in them that stand elsewhere, too."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.settings import Settings
from gateway.telemetry.families import SECONDS
from k8s.monitoring.rule_files import FOLDER, alerts, groups
from k8s.monitoring.rules_generated import GENERATED, azure_rule_groups, iso_duration, prometheus_rule
from tests.k8s.manifests.rendering import (
    OVERLAYS,
    container,
    copy_of_k8s,
    find,
    needs_kubectl,
    render,
    rendered,
    settings,
)
from tests.k8s.monitoring.promtool import check, needs_promtool
from tests.promql import read

_ROOT = Path(__file__).parents[3]
_MOST_RULES = 20  # of an Azure group: more are refused (Azure/prometheus-collector, issue 742)


def _expr(record: str, **labels: str) -> str:
    rules = [rule for group in groups() for rule in group.rules if rule.get("record") == record]
    (found,) = [rule for rule in rules if rule.get("labels", {}) == labels]
    return str(found["expr"])


@needs_promtool
def test_prometheus_takes_them() -> None:
    """Promtool finds no fault in the files."""
    check("rules", *sorted(FOLDER.glob("*.yaml")))


@pytest.mark.parametrize("path", GENERATED)
def test_committed_files_are_current(path: str) -> None:
    """What is committed is what the rules make now."""
    assert (_ROOT / "k8s" / path).read_text() == GENERATED[path]()


def test_azure_gets_the_same() -> None:
    """Each rule is there, in the order of its group, under the names of Azure's API and within its limits."""
    made = json.loads(azure_rule_groups())
    assert [each["name"] for each in made] == [group.name for group in groups()]
    for theirs, ours in zip(made, groups(), strict=True):
        assert theirs["description"]
        assert theirs["interval"] in {"PT1M", "PT5M"}, "between 1 and 15 minutes"
        assert len(theirs["rules"]) <= _MOST_RULES
        for rule, source in zip(theirs["rules"], ours.rules, strict=True):
            assert (rule["expression"], rule["labels"]) == (source["expr"], source.get("labels", {}))
            assert rule.get("alert") == source.get("alert")
            assert rule.get("record") == source.get("record")
            if "alert" in source:
                assert rule["severity"] == {"page": 1, "ticket": 3}[source["labels"]["severity"]]
                assert rule["annotations"] == source["annotations"]


def test_durations() -> None:
    """Prometheus' durations become ISO 8601's; others are refused."""
    assert [iso_duration(each) for each in ("30s", "5m", "1h", "3d")] == ["PT30S", "PT5M", "PT1H", "P3D"]
    with pytest.raises(ValueError, match="'1h30m' is not a number of"):
        iso_duration("1h30m")


def test_operator_gets_the_same() -> None:
    """The object holds the groups as they are."""
    made = yaml.safe_load(prometheus_rule())["spec"]["groups"]
    assert made == [{"name": each.name, "interval": each.interval, "rules": each.rules} for each in groups()]


def test_alerts_say_what_to_do() -> None:
    """Each has a severity, a summary without functions that Azure may not know, and the address of its own runbook."""
    for rule in alerts():
        assert rule["labels"] in ({"severity": "page"}, {"severity": "ticket"}), rule["alert"]
        assert rule["annotations"]["runbook_url"] == f"k8s/monitoring/runbooks/{rule['alert']}.md"
        assert "|" not in rule["annotations"]["summary"]


def test_names() -> None:
    """Alerts and records say whose they are; what rules ask for is recorded by them or exposed."""
    records = {rule["record"] for group in groups() for rule in group.rules if "record" in rule}
    assert all(name.startswith("scoring:") for name in records)
    assert all(rule["alert"].startswith("Scoring") for rule in alerts())
    asked = {each.metric for group in groups() for rule in group.rules for each in read(rule["expr"]).selectors}
    assert {name for name in asked if ":" in name} <= records


def test_latency_bounds_are_buckets() -> None:
    """An objective can only be measured at a bucket's bound."""
    bounds = {
        matcher.value
        for group in groups()
        for rule in group.rules
        for selector in read(rule["expr"]).selectors
        for matcher in selector.matchers
        if matcher.label == "le"
    }
    assert bounds == {"0.1", "2.5"}
    assert bounds <= {repr(bound) for bound in SECONDS}


@needs_kubectl
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_bounds_are_those_of_the_manifests(overlay: str) -> None:
    """The limits that alerts compare with are the gateway's settings and its container's."""
    objects = rendered(overlay)
    given = Settings.from_env(settings(objects) | {"SCORING_KEYS_FILE": ""} | {"SCORING_ALLOW_ANONYMOUS": "true"})
    assert _expr("scoring:room:items", model=given.faq_model) == f"vector({given.max_waiting})"
    assert _expr("scoring:room:items", model=given.image_model) == f"vector({given.max_waiting_images})"
    assert _expr("scoring:http_connections:bound") == f"vector({given.max_connections})"
    memory = container(find(objects, "Deployment", "gateway"), "gateway")["resources"]["limits"]["memory"]
    assert memory.endswith("Gi")
    assert _expr("scoring:memory:bound_bytes") == f"vector({int(memory[:-2]) << 30})"


@needs_kubectl
@pytest.mark.parametrize(
    ("variant", "group", "kinds"),
    [
        ("operator", "monitoring.coreos.com/v1", ["PodMonitor", "PodMonitor", "PrometheusRule"]),
        ("azure", "azmonitoring.coreos.com/v1", ["PodMonitor", "PodMonitor"]),
    ],
)
def test_pod_monitors(variant: str, group: str, kinds: list[str], tmp_path: Path) -> None:
    """Both kinds of Prometheus get monitors in their own group, which find the pods' metrics ports."""
    overlay = copy_of_k8s(tmp_path) / "overlays/try"
    overlay.mkdir()
    parts = {"namespace": "scoring", "components": [f"../../components/monitoring/{variant}"]}
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump(parts))
    made = render(overlay)
    assert sorted(each["kind"] for each in made) == kinds
    assert {each["apiVersion"] for each in made} == {group}
    pods = rendered("aks")
    for name, deployments in (("gateway", ["gateway"]), ("triton", ["triton-cpu", "triton-gpu"])):
        _matches(find(made, "PodMonitor", name), [find(pods, "Deployment", each) for each in deployments])


def _matches(monitor: dict[str, Any], deployments: list[dict[str, Any]]) -> None:
    spec = monitor["spec"]
    (endpoint,) = spec["podMetricsEndpoints"]
    assert {"targetLabel": "job", "replacement": monitor["metadata"]["name"]} in endpoint["relabelings"]
    assert (spec["labelLimit"], spec["labelNameLengthLimit"], spec["labelValueLengthLimit"]) == (63, 511, 1023)
    for deployment in deployments:
        pod = deployment["spec"]["template"]
        assert spec["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
        ports = {port["name"] for each in pod["spec"]["containers"] for port in each["ports"]}
        assert endpoint["port"] in ports
