"""The metrics of several workers, added up: real processes, some of which are killed."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from gateway.telemetry.metrics import Metrics
from tests.gateway.telemetry.made_calls import made_call
from tests.gateway.telemetry.metrics_text import names, read, value

REQUESTS = {"method": "faq.match", "protocol": "http", "status": "200", "client": "shop"}


class Worker:
    """A worker process that does as it is told."""

    def __init__(self, folder: Path, number: int) -> None:
        command = [sys.executable, "-m", "tests.gateway.telemetry.worker_process", str(folder), str(number)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def count(self, requests: int) -> None:
        self._say(f"count {requests}")
        assert self._output().readline() == b"counted\n"

    def scrape(self) -> bytes:
        self._say("scrape")
        return self._output().read(int(self._output().readline()))

    def end(self) -> None:
        self.process.communicate()

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def _say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def _output(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout


@contextmanager
def running_worker(folder: Path, number: int) -> Iterator[Worker]:
    """Run a worker while the context lasts."""
    worker = Worker(folder, number)
    try:
        yield worker
    finally:
        if worker.process.poll() is None:
            worker.kill()


def _requests(text: bytes) -> float:
    return value(text, "scoring_requests_total", **REQUESTS)


def _until_requests(worker: Worker, expected: float) -> bytes:
    """Scrape until all are seen: a worker shares what it has counted once a second."""
    end = time.monotonic() + 20
    while _requests(text := worker.scrape()) != expected:
        assert time.monotonic() < end, _requests(text)
        time.sleep(0.1)
    return text


def test_any_worker_shows_what_all_have_counted(tmp_path: Path) -> None:
    """Counters and histograms are added up, gauges stand side by side, each process is described."""
    with running_worker(tmp_path, 0) as one, running_worker(tmp_path, 1) as other:
        one.count(3)
        other.count(4)
        text = _until_requests(one, 7)
        assert value(text, "scoring_request_duration_seconds_count", method="faq.match", protocol="http") == 7
        assert value(text, "scoring_waiting", model="faq", worker="0") == 1
        assert value(text, "scoring_waiting", model="faq", worker="1") == 2
        assert value(text, "process_resident_memory_bytes", worker="1") > 1e6
        _until_requests(other, 7)


def test_counters_never_fall_when_a_worker_is_killed_and_started_again(tmp_path: Path) -> None:
    """What a killed worker has shown or shared is kept, its gauges go, and its successor counts on from there."""
    with running_worker(tmp_path, 0) as one:
        with running_worker(tmp_path, 1) as other:
            one.count(1)
            other.count(10)
            seen = _requests(other.scrape())  # shown a moment before it dies
            assert seen >= 10
            other.kill()
        text = one.scrape()
        assert _requests(text) == 11
        assert ("scoring_waiting", frozenset({("model", "faq"), ("worker", "1")})) not in read(text)
        assert ("process_open_fds", frozenset({("worker", "1")})) not in read(text)
        with running_worker(tmp_path, 1) as successor:
            assert _requests(successor.scrape()) == 11
            successor.count(5)
            text = _until_requests(one, 16)
            assert value(text, "scoring_waiting", model="faq", worker="1") == 2


def test_a_worker_that_ends_leaves_all_that_it_has_counted(tmp_path: Path) -> None:
    """It shares once more, whatever the second is."""
    with running_worker(tmp_path, 0) as one, running_worker(tmp_path, 1) as other:
        one.count(1)
        other.count(2)
        other.end()
        assert _requests(one.scrape()) == 3


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x93\x01\x02\x03"])
def test_what_another_version_left_is_ignored(tmp_path: Path, content: bytes) -> None:
    """Files that cannot be read harm nobody."""
    for number in (0, 1):
        (tmp_path / f"metrics-{number}.msgpack").write_bytes(content)
    metrics = Metrics(tmp_path, 0)
    metrics.counts.ended(made_call(), "", 1.0)
    assert _requests(metrics.text(metrics.snapshot())) == 1


def test_a_folder_that_is_gone_costs_nothing_but_the_others_counts(tmp_path: Path) -> None:
    """Its own are shown."""
    metrics = Metrics(tmp_path / "gone", 0)
    metrics.counts.ended(made_call(), "", 1.0)
    assert _requests(metrics.text(metrics.snapshot())) == 1


def test_a_worker_alone_needs_no_folder() -> None:
    """It shows the same metrics."""
    metrics = Metrics()
    metrics.counts.ended(made_call(), "", 1.0)
    assert _requests(metrics.text(metrics.snapshot())) == 1
    assert {"scoring_build_info", "process_cpu_seconds_total"} <= names(metrics.text(metrics.snapshot()))
