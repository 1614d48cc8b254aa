"""The log queries: Microsoft's analyser takes them, and on real lines of the gateway they find what they are for."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.k8s.monitoring import log_tables
from tests.k8s.monitoring.log_lines import TRACE, Line, gateway_lines

ROOT = Path(__file__).parents[3]
QUERIES = {path.stem: path.read_text() for path in sorted((ROOT / "k8s/monitoring/queries").glob("*.kql"))}
_PACKAGES = ROOT / ".tools/node_modules"

needs_analyser = pytest.mark.skipif(
    shutil.which("node") is None or not (_PACKAGES / "@kusto/language-service-next").exists(),
    reason="the npm package @kusto/language-service-next is not in .tools",
)


# A column, a table, a function and a bracket.
PLANTED = {
    "PodNme": "ContainerLogV2 | where PodNme == 'a'",
    "ContainerLogV3": "ContainerLogV3 | take 5",
    "percentil": "ContainerLogV2 | summarize percentil(_BilledSize, 99)",
    ")": "ContainerLogV2 | summarize count( by PodName",
}


@pytest.fixture(scope="module")
def faults() -> dict[str, list[str]]:
    """What the analyser finds wrong in each query."""
    given = json.dumps({"tables": log_tables.SCHEMAS, "queries": {**QUERIES, **PLANTED}})
    program = ["node", str(Path(__file__).with_name("kql.js")), str(_PACKAGES)]
    found = json.loads(subprocess.run(program, input=given, capture_output=True, text=True, check=True).stdout)
    return {name: each["faults"] for name, each in found.items()}


@needs_analyser
def test_the_analyser_takes_every_query(faults: dict[str, list[str]]) -> None:
    """Syntax, tables, columns and functions are right."""
    assert {name: faults[name] for name in QUERIES if faults[name]} == {}


@needs_analyser
def test_the_analyser_finds_planted_faults(faults: dict[str, list[str]]) -> None:
    """It names what is wrong."""
    assert all(any(name in fault for fault in faults[name]) for name in PLANTED)


@pytest.fixture(scope="module")
async def lines(tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    """The log of a real gateway."""
    return await gateway_lines(tmp_path_factory.mktemp("log"))


@pytest.mark.parametrize("name", QUERIES)
def test_every_field_of_a_line_is_one_that_the_gateway_writes(lines: list[Line], name: str) -> None:
    """Of the lines of requests, or of the others."""
    written = {"place"}.union(*lines)  # of other libraries' messages, which say nothing else
    assert set(re.findall(r"\bline\.(\w+)", QUERIES[name])) <= written


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_begins_with_its_question(name: str) -> None:
    """And says what its columns are."""
    first, *others = QUERIES[name].splitlines()
    assert re.match(r"// .+\?", first)
    assert any(line.startswith("// Columns: ") for line in others)
    assert max(map(len, others)) <= 120


@pytest.fixture(scope="module")
def database(lines: list[Line]) -> Any:
    """The tables, with those lines in them."""
    kql = pytest.importorskip("duckdb_kql", reason="duckdb-kql, which runs KQL on DuckDB, is not installed")
    connection = kql.connect()
    log_tables.create(connection, lines)
    yield connection
    connection.close()


def run(database: Any, name: str) -> list[dict[str, Any]]:
    """Return the rows that a query finds."""
    kql = pytest.importorskip("duckdb_kql")
    text = QUERIES[name].replace("f887dc6be52a3e985f9cc4c5d5ca4b4d", TRACE)
    found = kql.query(database, text)
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


@pytest.mark.parametrize(
    ("name", "key", "expected"),
    [
        ("errors-by-kind", "error", {"internal-fault", "unauthenticated", "invalid-field"}),
        ("refusals-by-client", "client", {"web", ""}),
        ("slowest-requests", "trace_id", {TRACE}),
        ("versions-in-rollout", "version", {"1"}),
        ("gateway-complaints", "exception", {"__main__.OddError"}),
        ("triton-errors", "place", {"metrics.cc:798", "model_repository_manager.cc:1460"}),
        ("restarts", "reason", {"OOMKilled", "Unhealthy"}),
        ("who-changed-what", "who", {"ada@example.com"}),
        ("log-volume", "ContainerName", {"triton"}),
    ],
)
def test_a_query_finds_what_it_is_for(database: Any, name: str, key: str, expected: set[str]) -> None:
    """And nothing else."""
    assert {row[key] for row in run(database, name)} >= expected
    assert {row[key] for row in run(database, name)} <= expected | {None, ""}


def test_one_trace_is_followed(database: Any) -> None:
    """All requests that were made in it, in their order."""
    assert [row["status"] for row in run(database, "one-trace")] == [200, 422, 401, 500, 200]


def test_the_volume_is_that_of_a_day(database: Any) -> None:
    """Whole days count alone, divided by their number."""
    (row,) = run(database, "log-volume")
    assert (row["gigabytes_a_day"], row["cost_a_month"]) == (round(3 / 7, 3), round(30 * 3 / 7, 2))
