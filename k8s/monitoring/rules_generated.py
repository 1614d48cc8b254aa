"""The rules as two systems take them: an object of the Prometheus operator, and rule groups of Azure Monitor.

Azure's managed Prometheus reads no PrometheusRule objects. Its rule groups are resources
(Microsoft.AlertsManagement/prometheusRuleGroups, "Rule groups in Azure Monitor Managed Service for Prometheus"), which
k8s/infra deploys with the cluster's name, and actions for alerts.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

from k8s.monitoring.rule_files import Group, Rule, groups

# Azure's severities: 0 critical, 1 error, 2 warning, 3 informational, 4 verbose.
_SEVERITIES = {"page": 1, "ticket": 3}
_DURATION = re.compile(r"(\d+)([smhd])")
_HEADER = "# `scoring render` wrote this from k8s/monitoring/rules; change those, and run it again.\n"


def prometheus_rule() -> str:
    """Return the object that the Prometheus operator takes."""
    document = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "realtime-scoring", "labels": {"app.kubernetes.io/part-of": "realtime-scoring"}},
        "spec": {"groups": [{"name": each.name, "interval": each.interval, "rules": each.rules} for each in groups()]},
    }
    return _HEADER + yaml.safe_dump(document, sort_keys=False, width=1000)


def azure_rule_groups() -> str:
    """Return the groups as Azure's API names things, without what only a deployment knows."""
    return json.dumps([_azure_group(group) for group in groups()], indent=2) + "\n"


def _azure_group(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "description": group.description,
        "interval": iso_duration(group.interval),
        "rules": [_azure_rule(rule) for rule in group.rules],
    }


def _azure_rule(rule: Rule) -> dict[str, Any]:
    shared = {"expression": rule["expr"], "labels": rule.get("labels", {}), "enabled": True}
    if "record" in rule:
        return {"record": rule["record"], **shared}
    waits = {"for": iso_duration(rule["for"])} if "for" in rule else {}
    severity = _SEVERITIES[rule["labels"]["severity"]]
    return {"alert": rule["alert"], **shared, **waits, "severity": severity, "annotations": rule["annotations"]}


def iso_duration(text: str) -> str:
    """Return a duration of Prometheus, such as 5m, as ISO 8601 writes it: PT5M. Raises ValueError for other units."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a number of seconds (s), minutes (m), hours (h) or days (d)")
    number, unit = found.groups()
    return f"P{number}D" if unit == "d" else f"PT{number}{unit.upper()}"


GENERATED: Mapping[str, Callable[[], str]] = {
    "components/monitoring/operator/prometheus-rule.yaml": prometheus_rule,
    "monitoring/azure-rule-groups.json": azure_rule_groups,
}
