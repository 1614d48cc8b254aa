"""Every query of dashboards, rules, autoscalers and documents, put to a real Prometheus that watches the real stack.

One stack is loaded once, scraped every second; then each expression must be PromQL, must ask for metrics, labels and
values that there are, and must find something.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest

from gateway.server import Addresses, serving
from gateway.settings import Settings
from k8s.monitoring.preview.__main__ import main as preview
from standalone.ports import LOOPBACK, take_free
from standalone.triton import TritonServer
from tests.gateway.certificates import make_pair
from tests.integration import expressions
from tests.integration.expressions import Expression
from tests.integration.known import Known
from tests.integration.monitored_load import KEYS, load
from tests.integration.prometheus import PROGRAM, Prometheus, Target, running_prometheus
from tests.otlp_collector import running_collector

pytestmark = [
    pytest.mark.triton,
    pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="Prometheus is not installed"),
]

_LOADED = 3.0  # seconds, once and again until it is seen
_PATIENCE = 90.0
# Rates need some scrapes of every target while it is loaded, and rules of rules need their turns.
_ENOUGH = "min(count_over_time(up[1m])) >= 4 and on () scoring:slo_burn:rate30m and on () scoring:slo_burn:rate3d"
# What the Prometheus operator adds to whatever a PodMonitor finds, and what ours add (k8s/monitoring/pod-monitors).
_GATEWAY = {"namespace": "scoring", "pod": "gateway-6d-a", "container": "gateway", "endpoint": "metrics"}
_GATEWAY |= {"job": "gateway", "node": "cpu-0"}
_TRITON = {**_GATEWAY, "pod": "triton-cpu-5c-b", "container": "triton", "job": "triton", "pool": "cpu"}
_GPU = {**_TRITON, "pod": "triton-gpu-7f-x", "pool": "gpu", "node": "gpu-0"}
_CLUSTER = {"job": "kube-state-metrics"}


class Watched(NamedTuple):
    """A Prometheus after the load, and all that it has seen."""

    prometheus: Prometheus
    known: Known


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of what stands for the exporters of a cluster, and for a GPU."""
    folder = Path(__file__).parent
    with ThreadingHTTPServer((LOOPBACK, 0), partial(_Quiet, directory=folder)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"{LOOPBACK}:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
async def watched(
    image_repository: Path, triton: TritonServer, cluster: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Watched]:
    """The stack with TLS, keys and traces, loaded."""
    folder, pair, (port,) = tmp_path_factory.mktemp("prometheus"), make_pair(), take_free(1)
    cert, key = pair.write(folder)
    (folder / "keys.json").write_bytes(KEYS)
    with running_collector() as collector:
        settings = Settings(
            port=0,
            grpc_port=0,
            metrics_port=port,
            triton_url=triton.grpc_address,
            model_repository=str(image_repository),
            keys_file=str(folder / "keys.json"),
            tls_cert=cert,
            tls_key=key,
            otlp_endpoint=collector.url,
            deadline=30.0,
        )
        async with serving(settings) as addresses:
            targets = [
                Target(addresses.metrics, _GATEWAY),
                Target(f"{LOOPBACK}:{triton.ports.metrics}", _TRITON),
                Target(cluster, {**_CLUSTER, "__metrics_path__": "/cluster_metrics.txt"}),
                Target(cluster, {**_GPU, "__metrics_path__": "/gpu_metrics.txt"}),
            ]
            with running_prometheus(folder, targets, expressions.RULES) as prometheus:
                yield await _loaded(prometheus, addresses, pair.cert)


async def _loaded(prometheus: Prometheus, addresses: Addresses, certificate: bytes) -> Watched:
    async with asyncio.timeout(_PATIENCE):
        while not await asyncio.to_thread(prometheus.query, _ENOUGH):
            await load(addresses, certificate, _LOADED)
    down = [each["lastError"] for each in await asyncio.to_thread(prometheus.targets) if each["health"] != "up"]
    assert down == []
    return Watched(prometheus, Known(await asyncio.to_thread(prometheus.series), expressions.recorded()))


def fault(watched: Watched, expression: Expression) -> str:
    """Return what is wrong with an expression, "" for nothing."""
    try:
        found = watched.prometheus.query(expression.text)
    except ValueError as error:
        return str(error)
    missing = watched.known.faults(expression.text, expression.label)
    if not missing and not found and not watched.known.may_be_empty(expression.text):
        return "finds nothing"
    return "; ".join(missing)


async def test_every_expression_asks_for_what_there_is(watched: Watched) -> None:
    """It is PromQL, its metrics, labels and values are known, and it finds something unless it is of what is wrong."""
    every = expressions.expressions()
    found = {f"{each.place}: {each.text}": await asyncio.to_thread(fault, watched, each) for each in every}
    assert {each: why for each, why in found.items() if why} == {}


async def test_all_sources_are_looked_at(watched: Watched) -> None:
    """None of them is passed over because a file has moved."""
    for source in (expressions.panels, expressions.variables, expressions.rules, expressions.triggers):
        assert len(source()) > 5, source
    assert "metrics.md" in {each.place for each in expressions.documented()}


async def test_prometheus_evaluates_all_rules(watched: Watched) -> None:
    """It takes the files as they are, and no rule fails."""
    rules = await asyncio.to_thread(watched.prometheus.rules)
    assert len(rules) == len(expressions.rules())
    assert [each["lastError"] for each in rules if each["health"] != "ok"] == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sum(rate(scoring_request_total[30s]))", "no metric scoring_request_total"),
        ('scoring_queued_items{modle="resnet152"}', "no label modle of scoring_queued_items"),
        ('scoring_queued_items{model="resnet512"}', "no value 'resnet512' of scoring_queued_items's model"),
        ('sum(rate(scoring_refusals_total{reason="overlaoded"}[30s]))', "no value 'overlaoded'"),
        ('sum(rate(scoring_requests_total{status=~"503|5O4"}[30s]))', "no value '503|5O4'"),
        ("sum by (modle) (scoring_queued_items)", "no label modle of any of its metrics"),
        ("sum(scoring:requests:rate5)", "no metric scoring:requests:rate5"),
        ("sum(rate(scoring_requests_total[30s])", "parse error"),
        (
            'scoring_queued_items{model="resnet152", worker=~"0"} - scoring_queued_items{model="faq_matcher"}',
            "finds nothing",
        ),
    ],
)
async def test_a_planted_fault_is_found(watched: Watched, text: str, why: str) -> None:
    """Misspelt metrics, labels and values, and what cannot match, are told."""
    assert why in await asyncio.to_thread(fault, watched, Expression("planted", text))


async def test_a_variable_of_a_label_that_is_not_there_is_found(watched: Watched) -> None:
    """Grafana's own function is understood."""
    planted = expressions.variable("planted", 'label_values(scoring_build_info{namespace="$namespace"}, podd)')
    assert await asyncio.to_thread(fault, watched, planted) == "no label podd of any of its metrics"


async def test_dashboards_can_be_drawn_without_grafana(watched: Watched, tmp_path: Path) -> None:
    """A dashboard with panels of all kinds."""
    url = str(watched.prometheus.http.base_url).rstrip("/")
    models = ["scoring-models"]
    await asyncio.to_thread(preview, prometheus=url, minutes=1, window="10s", dashboard=models, target=tmp_path)
    assert (tmp_path / "dashboard-models.png").read_bytes().startswith(b"\x89PNG")


def test_targets_are_labelled_as_the_pod_monitors_label_them() -> None:
    """The labels that ours add, with the job's name."""
    for name, labels in (("gateway", _GATEWAY), ("triton", _TRITON), ("triton", _GPU)):
        added = expressions.added_labels(name)
        assert set(added) | {"namespace", "pod", "container", "endpoint"} == set(labels)
        assert labels["job"] == added["job"]
