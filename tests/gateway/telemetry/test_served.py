"""Metrics and log of a real gateway, whoever reads them or not."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import httpx
import pytest

from gateway.generated.scoring_pb2 import MatchFaqRequest
from gateway.generated.scoring_pb2_grpc import ScoringStub
from tests.gateway.fake_triton import FakeTriton
from tests.gateway.faq import GOLDEN
from tests.gateway.gateway_process import GatewayProcess, gateway_process
from tests.gateway.image_model import picture
from tests.gateway.telemetry.metrics_text import names, openmetrics, read, value

DOCUMENT = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text()


@pytest.fixture
async def gateway(triton: FakeTriton, repository: Path, tmp_path: Path) -> AsyncIterator[GatewayProcess]:
    """A gateway as shipped, its log in a file."""
    log = tmp_path / "log"
    async with gateway_process(log, log_requests="all", triton_url=triton.url, model_repository=repository) as process:
        yield process


async def _use(gateway: GatewayProcess) -> bytes:
    """Ask for a bit of everything and return the metrics."""
    async with httpx.AsyncClient(base_url=f"http://{gateway.http}", trust_env=False) as client:
        await client.post("/v1/faq/match", json={"questions": [GOLDEN, GOLDEN]})
        await client.post("/v1/faq/match", json={"nonsense": 1})
        await client.post("/v1/images/classify", content=picture(123), headers={"content-type": "image/png"})
        async with grpc.aio.insecure_channel(gateway.grpc) as channel:
            stub = ScoringStub(channel)  # type: ignore[no-untyped-call]  # generated code has no types
            await stub.MatchFaq(MatchFaqRequest(question=GOLDEN), timeout=20)
        return (await client.get("/metrics")).content


async def test_real_requests_are_counted(gateway: GatewayProcess) -> None:
    """By method, protocol, status and client; with their stages, sizes, calls, and the models that answered."""
    text = await _use(gateway)
    asked = {"method": "faq.match", "client": "anonymous"}
    assert value(text, "scoring_requests_total", protocol="http", status="200", **asked) == 1
    assert value(text, "scoring_requests_total", protocol="http", status="422", **asked) == 1
    assert value(text, "scoring_requests_total", protocol="grpc", status="200", **asked) == 1
    assert value(text, "scoring_items_total", method="faq.match") == 3
    assert value(text, "scoring_refusals_total", method="faq.match", reason="invalid-field") == 1
    assert value(text, "scoring_request_duration_seconds_count", method="faq.match", protocol="http") == 2
    for stage, seen in {"read": 3, "wait": 2, "infer": 2, "encode": 2}.items():
        assert value(text, "scoring_stage_duration_seconds_count", method="faq.match", stage=stage) == seen, stage
    assert value(text, "scoring_request_size_bytes_count", method="images.classify") == 1
    assert value(text, "scoring_requests_in_flight", method="faq.match", worker="0") == 0
    assert value(text, "scoring_requests_in_flight", method="metrics", worker="0") == 1
    assert value(text, "scoring_model_calls_total", model="faq_matcher", outcome="ok") >= 2
    assert value(text, "scoring_batch_size_sum", model="resnet152") >= 1
    found = read(text)
    models = {frozenset(labels) for name, labels in found if name == "scoring_model_info"}
    image = {("model", "resnet152"), ("version", "1"), ("engine", "onnxruntime-cpu"), ("worker", "0")}
    assert frozenset(image) in models


async def test_every_request_leaves_a_line(gateway: GatewayProcess, tmp_path: Path) -> None:
    """Of the same numbers that the metrics add up."""
    await _use(gateway)
    log = tmp_path / "log"
    async with asyncio.timeout(20):
        while log.read_bytes().count(b'"protocol"') < 4:  # noqa: ASYNC110  another process writes it
            await asyncio.sleep(0.02)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    asked = [line for line in lines if line.get("method") in {"faq.match", "images.classify"}]
    assert [(each["protocol"], each["status"], each["error"], each["items"]) for each in asked] == [
        ("http", 200, "", 2),
        ("http", 422, "invalid-field", 0),
        ("http", 200, "", 1),
        ("grpc", 200, "", 1),
    ]
    first = asked[0]
    stages = [first[stage] for stage in ("read", "decode", "wait", "infer", "encode")]
    assert all(milliseconds >= 0 for milliseconds in stages)
    assert 0 < sum(stages) <= first["total"] + 0.01
    assert first["received"] > 100
    assert first["sent"] > 100
    assert first["client"] == "anonymous"


async def test_prometheus_gets_the_format_that_it_asks_for(gateway: GatewayProcess) -> None:
    """OpenMetrics with the traces of examples, or its older text format."""
    async with httpx.AsyncClient(base_url=f"http://{gateway.http}", trust_env=False) as client:
        traced = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
        await client.post("/v1/faq/match", json={"question": GOLDEN}, headers=traced)
        # As Prometheus 3 asks.
        accept = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        standard = await client.get("/metrics", headers={"accept": accept})
        older = await client.get("/metrics")
    assert standard.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    samples = [sample for family in openmetrics(standard.text) for sample in family.samples]
    (example,) = [sample.exemplar for sample in samples if sample.exemplar]
    assert example.labels == {"trace_id": "0af7651916cd43dd8448eb211c80319c"}
    assert older.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert names(older.content) == {sample.name for sample in samples}


async def test_docs_list_every_metric(gateway: GatewayProcess) -> None:
    """And no other of the gateway's: each has a row."""
    text = (await _use(gateway)).decode()
    shown = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    listed = set(re.findall(r"^\| `((?:scoring|process)_\w+)", DOCUMENT, re.MULTILINE))
    assert shown == listed


async def test_docs_name_the_labels_of_every_metric(gateway: GatewayProcess) -> None:
    """In the row of the metric, as they are shown."""
    text = await _use(gateway)
    rows: dict[str, str] = dict(re.findall(r"^\| `((?:scoring|process)_\w+)` \| ([^|]*) \|", DOCUMENT, re.MULTILINE))
    for name, labels in read(text):
        family = re.sub(r"_(bucket|count|sum)$", "", name)
        shown = {label for label, _ in labels} - {"le"}
        assert shown == set(re.findall(r"\w+", rows.get(name, rows.get(family, "")))), name


def test_docs_ask_for_metrics_that_exist() -> None:
    """The PromQL examples use names of the tables."""
    listed = set(re.findall(r"`((?:scoring|nv)_\w+)`", DOCUMENT))
    examples = "".join(re.findall(r"```promql\n(.*?)```", DOCUMENT, re.DOTALL))
    asked = {re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(r"\b(?:scoring|nv)_\w+", examples)}
    assert len(asked) > 8
    assert asked <= listed


@asynccontextmanager
async def _unread(triton: FakeTriton, repository: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Run a gateway whose standard error is a pipe that nobody reads."""
    read, write = os.pipe()
    settings = {
        "PORT": "0", "GRPC_PORT": "0", "TRITON_URL": triton.url, "MODEL_REPOSITORY": str(repository), "GRACE": "1",
    }  # fmt: skip
    environment = {**os.environ, **{f"SCORING_{name}": text for name, text in settings.items()}}
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", "gateway", stderr=write, env=environment)
    os.close(write)
    try:
        yield child, await asyncio.to_thread(_address, read)
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()
        os.close(read)


def _address(log: int) -> str:
    """Read the log as far as the line that says where the gateway listens."""
    said = b""
    while (found := re.search(rb"HTTP on (http://[\d.:]+),", said)) is None:
        said += os.read(log, 1)
    return found[1].decode()


async def _look(address: str, times: int) -> None:
    """Ask for what there is not, over one connection, and be told so each time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
    for _ in range(times):
        writer.write(b"GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 404 ")
    writer.close()
    await writer.wait_closed()


async def test_a_log_that_nobody_reads_costs_lines_and_nothing_else(triton: FakeTriton, repository: Path) -> None:
    """Requests are answered all the same, the lost lines are counted, and the gateway stops when it is told to."""
    async with _unread(triton, repository) as (child, address):
        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            dropped = 0.0
            async with asyncio.timeout(120):
                while not dropped:  # the pipe takes 64 kB, the backlog a megabyte
                    await _look(address, 500)
                    dropped = value((await client.get("/metrics")).content, "scoring_log_lines_dropped_total")
            reply = await client.post("/v1/faq/match", json={"question": GOLDEN})
            assert reply.status_code == 200
        child.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            assert await child.wait() == 0


async def test_only_known_names_are_shown(gateway: GatewayProcess) -> None:
    """All begin with the service's name, or with what Prometheus calls a process."""
    assert all(name.startswith(("scoring_", "process_")) for name in names(await _use(gateway)))


async def test_probes_leave_a_line_when_they_fail(gateway: GatewayProcess, tmp_path: Path) -> None:
    """Who looks every few seconds, for ever, fills no log; that something is wrong is worth a line."""
    async with httpx.AsyncClient(base_url=f"http://{gateway.http}", trust_env=False) as client:
        for path in ("/livez", "/readyz", "/metrics", "/readyz?model=none"):
            await client.get(path)
    log = tmp_path / "log"
    async with asyncio.timeout(20):
        while b'"status":422' not in log.read_bytes():  # noqa: ASYNC110  another process writes it
            await asyncio.sleep(0.02)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["method"], line["status"]) for line in lines if "method" in line] == [("readyz", 422)]
