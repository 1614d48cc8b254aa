"""Every PromQL expression of the project: dashboards, rules, autoscalers, documents."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "k8s/monitoring/rules").glob("*.yaml"))
_DASHBOARDS = sorted((ROOT / "k8s/monitoring/dashboards").glob("*.json"))
_RENDERED = sorted((ROOT / "k8s/rendered").glob("*.yaml"))
_DOCUMENTS = sorted([*(ROOT / "docs").glob("*.md"), *(ROOT / "k8s/monitoring").rglob("*.md")])

# What Grafana puts in place of its variables.
_CHOSEN = {"$namespace": "scoring", "$__rate_interval": "30s", "$method": ".+", "$model": ".+", "$pod": ".+"}
_LABEL_VALUES = re.compile(r"label_values\((?P<metric>.+), (?P<label>\w+)\)")


class Expression(NamedTuple):
    """PromQL and where it stands."""

    place: str
    text: str
    label: str = ""  # the one whose values are asked for


def expressions() -> list[Expression]:
    """Return them all."""
    return [*panels(), *variables(), *rules(), *triggers(), *documented()]


def panels() -> list[Expression]:
    """Return those of the dashboards' panels and annotations."""
    found = []
    for path in _DASHBOARDS:
        document = json.loads(path.read_text())
        found += [
            Expression(f"{path.name}: {panel['title']}", chosen(target["expr"]))
            for panel in document["panels"]
            for target in panel.get("targets", ())
        ]
        found += [
            Expression(f"{path.name}: {each['name']}", chosen(each["expr"]))
            for each in document["annotations"]["list"]
            if "expr" in each
        ]
    return found


def variables() -> list[Expression]:
    """Return those from which the dashboards' variables take their values."""
    return [
        variable(f"{path.name}: ${each['name']}", each["query"])
        for path in _DASHBOARDS
        for each in json.loads(path.read_text())["templating"]["list"]
        if each["type"] == "query"
    ]


def variable(place: str, query: str) -> Expression:
    """Read Grafana's `label_values(metric, label)`."""
    match = _LABEL_VALUES.fullmatch(query)
    assert match, f"{place}: {query}"
    return Expression(place, chosen(match["metric"]), match["label"])


def rules() -> list[Expression]:
    """Return those of recording and alerting rules."""
    return [Expression(rule.get("record") or rule["alert"], rule["expr"]) for rule in _rules()]


def recorded() -> set[str]:
    """Return the names that recording rules give."""
    return {rule["record"] for rule in _rules() if "record" in rule}


def triggers() -> list[Expression]:
    """Return those by which KEDA scales, as the overlays have them."""
    return [
        Expression(f"{path.name}: {scaled['metadata']['name']}", trigger["metadata"]["query"])
        for path in _RENDERED
        for scaled in _objects(path, "ScaledObject")
        for trigger in scaled["spec"]["triggers"]
        if trigger["type"] == "prometheus"
    ]


def documented() -> list[Expression]:
    """Return those of the documents' blocks of PromQL: one a line, or over several lines within brackets."""
    return [
        Expression(path.name, text)
        for path in _DOCUMENTS
        for block in re.findall(r"^```promql\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL)
        for text in _split(block)
    ]


def added_labels(pod_monitor: str) -> dict[str, str]:
    """Return the labels that a PodMonitor adds, with their values where they are fixed."""
    document = yaml.safe_load((ROOT / f"k8s/monitoring/pod-monitors/{pod_monitor}.yaml").read_text())
    (endpoint,) = document["spec"]["podMetricsEndpoints"]
    return {each["targetLabel"]: each.get("replacement", "") for each in endpoint["relabelings"]}


def chosen(text: str) -> str:
    """Put values in place of Grafana's variables."""
    for name, value in _CHOSEN.items():
        text = text.replace(name, value)
    assert "$" not in text.replace("$1", ""), text
    return text


def _rules() -> Iterator[dict[str, Any]]:
    for path in RULES:
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


def _split(block: str) -> Iterator[str]:
    text = ""
    for line in block.splitlines():
        if not line.startswith("#"):
            text += line + " "
        if text.strip() and text.count("(") == text.count(")"):
            yield text.strip()
            text = ""


def _objects(path: Path, kind: str) -> Iterator[Any]:
    if f"kind: {kind}\n" in path.read_text():
        yield from (each for each in yaml.load_all(path.read_text(), yaml.CSafeLoader) if each["kind"] == kind)
