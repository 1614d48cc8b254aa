"""The tables of Log Analytics that the queries read, with rows like those that a cluster of ours would leave there.

Columns are those of "Azure Monitor Logs reference" (ContainerLogV2, KubePodInventory, KubeEvents, AKSAuditAdmin).
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.k8s.monitoring.log_lines import TRITON, Line

SCHEMAS: dict[str, str] = json.loads(Path(__file__).with_name("log_tables.json").read_text())
_TYPES = {"datetime": "TIMESTAMP", "string": "VARCHAR", "dynamic": "JSON", "real": "DOUBLE", "int": "INTEGER"}
_ADMIN = "ada@example.com"

Row = dict[str, Any]


def create(connection: Any, lines: list[Line]) -> None:
    """Create and fill the tables in DuckDB."""
    for table, schema in SCHEMAS.items():
        columns = [column.split(": ") for column in schema.strip("()").split(", ")]
        connection.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {_TYPES[kind]}' for name, kind in columns)})")
    for table, row in _rows(lines):
        places = ", ".join("?" for _ in row)
        connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values()))


def _rows(lines: list[Line]) -> Iterator[tuple[str, Row]]:
    now = datetime.now(UTC).replace(tzinfo=None)
    for line in lines:
        yield "ContainerLogV2", _logged(now, "gateway", line)
    for text in TRITON:
        yield "ContainerLogV2", _logged(now, "triton", text)
        yield "ContainerLogV2", _logged(now - timedelta(days=2), "triton", text)
    yield "KubePodInventory", _restarted(now, "triton-cpu-a", 2, {"reason": "OOMKilled", "exitCode": 137})
    yield "KubePodInventory", _restarted(now, "gateway-a", 0, {})
    for kind in ("Warning", "Normal"):
        yield "KubeEvents", _event(now, kind)
    for who in (_ADMIN, "system:serviceaccount:kube-system:replicaset-controller"):
        yield "AKSAuditAdmin", _audited(now, who)


def _logged(time: datetime, container: str, message: object) -> Row:
    pod = {"PodNamespace": "scoring", "PodName": f"{container}-a", "ContainerName": container}
    return {"TimeGenerated": time, "LogMessage": json.dumps(message), "_BilledSize": 1e9, **pod}


def _restarted(time: datetime, pod: str, times: int, last: Row) -> Row:
    container = {"ContainerName": "uid/" + pod.split("-", maxsplit=1)[0], "ContainerRestartCount": times}
    return {
        "TimeGenerated": time,
        "Namespace": "scoring",
        "Name": pod,
        "ContainerLastStatus": json.dumps(last),
        **container,
    }


def _event(time: datetime, kind: str) -> Row:
    what = {"Name": "gateway-a", "ObjectKind": "Pod", "Reason": "Unhealthy", "Message": "probe failed", "Count": 3.0}
    return {"TimeGenerated": time, "Namespace": "scoring", "KubeEventType": kind, **what}


def _audited(time: datetime, who: str) -> Row:
    what = {"namespace": "scoring", "resource": "deployments", "name": "gateway"}
    return {
        "TimeGenerated": time,
        "Stage": "ResponseComplete",
        "Verb": "patch",
        "User": json.dumps({"username": who}),
        "ObjectRef": json.dumps(what),
        "ResponseStatus": json.dumps({"code": 200}),
        "UserAgent": "kubectl",
    }
