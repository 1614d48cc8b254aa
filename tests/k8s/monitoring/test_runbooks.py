"""Runbooks: one page for each alert, and what it tells people to type exists."""

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from gateway.settings import Settings, env_name
from k8s.monitoring.rule_files import alerts, groups
from tests.k8s.manifests.rendering import AKS, containers, needs_kubectl, of, rendered
from tests.k8s.monitoring.promtool import check, needs_promtool
from tests.promql import read

_ROOT = Path(__file__).parents[3]
_PAGES = {path.stem: path for path in sorted((_ROOT / "k8s/monitoring/runbooks").glob("*.md"))}
_SECTIONS = ["Confirm", "Likely causes, in order", "Do", "Do not", "It is over when"]
_TRITONS_GPU = {
    "nv_gpu_memory_used_bytes",
    "nv_gpu_memory_total_bytes",
    "nv_gpu_utilization",
}  # Triton's docs, "Metrics"
_KINDS = {"pods", "events", "hpa", "replicasets", "endpointslices", "certificate", "nodes"}  # made by controllers
_SETTINGS = {env_name(setting) for setting in Settings.__dataclass_fields__.values()}

page = pytest.mark.parametrize("path", _PAGES.values(), ids=_PAGES)


def _blocks(path: Path, language: str) -> list[str]:
    text = "".join(re.findall(rf"^```{language}\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL))
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_each_alert_has_a_page() -> None:
    """And each page an alert."""
    assert set(_PAGES) == {rule["alert"] for rule in alerts()}


@page
def test_pages_are_complete(path: Path) -> None:
    """A page says what it means for users, how urgent it is, and all that somebody woken at night needs."""
    text = path.read_text()
    assert text.startswith(f"# {path.stem}\n\n**")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == _SECTIONS
    (severity,) = [rule["labels"]["severity"] for rule in alerts() if rule["alert"] == path.stem]
    assert f"**A {severity}: " in text
    assert _blocks(path, "promql")
    assert _blocks(path, "sh")


def test_links() -> None:
    """Other pages and log queries that pages name are there; each names a query."""
    for path in _PAGES.values():
        links = re.findall(r"\]\(([^)]+)\)", path.read_text())
        assert any(link.endswith(".kql") for link in links), path.stem
        assert [link for link in links if not (path.parent / link.partition("#")[0]).is_file()] == [], path.stem


@needs_promtool
def test_queries_are_promql(tmp_path: Path) -> None:
    """Prometheus can read every query."""
    queries = [query for path in _PAGES.values() for query in _blocks(path, "promql")]
    rules = [
        {"record": "query", "labels": {"number": str(number)}, "expr": query} for number, query in enumerate(queries)
    ]
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "runbooks", "rules": rules}]}))
    check("rules", file)


def test_metrics_exist() -> None:
    """Queries ask for metrics that are documented, or recorded by the rules."""
    exposed = set(re.findall(r"`((?:scoring|process|nv)_\w+)`", (_ROOT / "docs/metrics.md").read_text()))
    recorded = {rule["record"] for group in groups() for rule in group.rules if "record" in rule}
    queries = [query for path in _PAGES.values() for query in _blocks(path, "promql")]
    asked = {each.metric for query in queries for each in read(query).selectors}
    plain = {re.sub(r"_(bucket|sum|count)$", "", name) if name not in exposed else name for name in asked}
    assert plain <= exposed | recorded | _TRITONS_GPU | {"up"}


def test_settings_exist() -> None:
    """Settings that pages say to change are the gateway's."""
    for path in _PAGES.values():
        assert set(re.findall(r"\bSCORING_[A-Z_]+", path.read_text())) <= _SETTINGS, path.stem


@needs_kubectl
@page
def test_commands_find_something(path: Path) -> None:
    """Objects, containers and labels in its commands are those of the manifests."""
    deployments, scaled, labels = _known()
    for command in _blocks(path, "sh"):
        assert command.startswith("kubectl --namespace scoring ")
        assert set(re.findall(r"--selector=(\S+)", command)) <= labels, command
        for name, part in re.findall(r"deployment/(\S+)(?: --container=(\S+))?", command):
            assert (part or name.partition("-")[0]) in deployments[name], command
        assert set(re.findall(r"describe scaledobject (\S+)", command)) <= scaled, command
        for kinds in re.findall(r" get (\S+)", command):
            assert set(kinds.split(",")) <= _KINDS | {"scaledobject"}, command


@cache
def _known() -> tuple[dict[str, set[str]], set[str], set[str]]:
    """Return the containers of all Deployments, the names of ScaledObjects, and labels to select by."""
    objects = [each for overlay in AKS for each in rendered(overlay)]
    deployments = {
        each["metadata"]["name"]: {part["name"] for part in containers(each)} for each in of(objects, "Deployment")
    }
    pods = [each["spec"]["template"]["metadata"]["labels"] for each in of(objects, "Deployment")]
    labels = {f"{label}={value}" for each in pods for label, value in each.items()}
    slices = {f"kubernetes.io/service-name={each['metadata']['name']}" for each in of(objects, "Service")}
    return deployments, {each["metadata"]["name"] for each in of(objects, "ScaledObject")}, labels | slices
