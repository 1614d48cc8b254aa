"""A real Prometheus over real targets, and what it knows."""

import contextlib
import json
import shutil
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import yaml

from standalone.ports import LOOPBACK, take_free

PROGRAM = "prometheus"
_SCRAPES = "1s"
_PATIENCE = 30.0  # seconds

Series = dict[str, dict[str, set[str]]]  # metric -> label -> values


class Target(NamedTuple):
    """What is scraped, and the labels that whoever discovers it adds."""

    address: str
    labels: dict[str, str]


@dataclass(frozen=True)
class Prometheus:
    """A running one. Its errors of PromQL are raised as ValueError."""

    http: httpx.Client

    def query(self, expr: str) -> list[Any]:
        """Evaluate an expression now; a number counts as one series."""
        data = self._get("query", query=expr)
        return [data["result"]] if data["resultType"] in {"scalar", "string"} else list(data["result"])

    def series(self) -> Series:
        """Return all metrics, their labels and the values of those."""
        known: Series = defaultdict(lambda: defaultdict(set))
        for each in self._get("series", **{"match[]": '{__name__=~".+"}'}):
            name = each.pop("__name__")
            known[name]["__name__"].add(name)
            for label, value in each.items():
                known[name][label].add(value)
        return known

    def rules(self) -> list[dict[str, Any]]:
        """Return all rules and how they do."""
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def targets(self) -> list[dict[str, Any]]:
        """Return the targets and how their last scrape went."""
        return list(self._get("targets")["activeTargets"])

    def _get(self, path: str, **parameters: str) -> Any:
        reply = self.http.get(f"/api/v1/{path}", params=parameters).json()
        if reply["status"] != "success":
            raise ValueError(reply["error"])
        return reply["data"]


@contextmanager
def running_prometheus(folder: Path, targets: Sequence[Target], rules: Sequence[Path]) -> Iterator[Prometheus]:
    """Scrape the targets and evaluate the rules every second while the context lasts; `folder` is for its files."""
    (port,) = take_free(1)
    config = folder / "prometheus.yaml"
    config.write_text(json.dumps(_config(targets, [_hurried(rule, folder) for rule in rules])))
    log = (folder / "prometheus.log").open("wb")
    listen = f"--web.listen-address={LOOPBACK}:{port}"
    files = [f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"]
    url = f"http://{LOOPBACK}:{port}"
    with (
        httpx.Client(base_url=url, trust_env=False, verify=False, timeout=_PATIENCE) as http,
        log,
        subprocess.Popen([PROGRAM, listen, *files], stdout=log, stderr=log) as process,
    ):
        try:
            _wait(process, http, folder / "prometheus.log")
            yield Prometheus(http)
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(folder / "data", ignore_errors=True)


def _config(targets: Sequence[Target], rules: Sequence[Path]) -> dict[str, Any]:
    return {
        "global": {"scrape_interval": _SCRAPES, "scrape_timeout": _SCRAPES, "evaluation_interval": _SCRAPES},
        "rule_files": [str(rule) for rule in rules],
        "scrape_configs": [
            {
                "job_name": f"target {number}",
                "honor_labels": True,
                "static_configs": [{"targets": [target.address], "labels": target.labels}],
            }
            for number, target in enumerate(targets)
        ],
    }


def _hurried(rules: Path, folder: Path) -> Path:
    """Copy rules that are evaluated every half minute or so, to be evaluated every second."""
    document = yaml.safe_load(rules.read_text())
    for group in document["groups"]:
        group.pop("interval", None)
    copy = folder / rules.name
    copy.write_text(json.dumps(document))
    return copy


def _wait(process: subprocess.Popen[bytes], http: httpx.Client, log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if http.get("/-/ready").status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"Prometheus does not start: {log.read_text()}")
