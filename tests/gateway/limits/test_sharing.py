"""Quotas that several processes share."""

import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from time import monotonic

import pytest

from gateway.access.client import Client, Quota
from gateway.errors import QuotaExceededError
from gateway.limits.cells import Cells
from gateway.limits.quotas import Quotas

# A worker that asks at random times, as often as it is told to, from the time on that it reads when it is ready. Prints
# how many requests were let in and when it was done.
_WORKER = """
import sys
from pathlib import Path
from random import Random
from time import monotonic, sleep
from gateway.access.client import Client, Quota
from gateway.errors import QuotaExceededError
from gateway.limits.quotas import Quotas

file, number, seconds, attempts, rate = Path(sys.argv[1]), int(sys.argv[2]), *map(float, sys.argv[3:])
quotas, random = Quotas(file, number), Random(number)
client = Client("web", frozenset(), Quota(rate, 10))
print("ready", flush=True)
due = start = float(input())
let_in = 0
while (due := due + random.expovariate(attempts)) < start + seconds:
    if (pause := due - monotonic()) > 0:
        sleep(pause)
    try:
        quotas.enter(client).leave()
    except QuotaExceededError:
        continue
    let_in += 1
print(let_in, monotonic())
"""
_WORKERS = 4
_SECONDS = 2.0
_RATE = 2000.0


def let_in(file: Path, attempts: float) -> tuple[int, float]:
    """How many requests four processes let in that ask so often each, and how many seconds that took."""
    numbers = [str(each) for each in (_SECONDS, attempts, _RATE)]
    commands = [[sys.executable, "-c", _WORKER, str(file), str(number), *numbers] for number in range(_WORKERS)]
    workers = [subprocess.Popen(each, stdin=PIPE, stdout=PIPE, text=True) for each in commands]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    start = monotonic() + 0.1
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write(f"{start}\n")
        worker.stdin.flush()
    outputs = [worker.communicate(timeout=60)[0].split() for worker in workers]
    return sum(int(count) for count, _ in outputs), max(float(end) for _, end in outputs) - start


def test_processes_count_together(tmp_path: Path) -> None:
    """Four workers that ask for three times the rate let in hardly more than one would: few counts are lost.

    On two cores, alone, they let in less than 0.1 % too many.
    """
    found, seconds = let_in(tmp_path / "quotas", attempts=3 * _RATE / _WORKERS)
    assert 100 < found <= 1.05 * (_RATE * seconds + 10)


def client(concurrent: int) -> Client:
    """A client that may have so many requests in flight."""
    return Client("web", frozenset(), Quota(concurrent=concurrent))


def test_requests_in_flight_of_all_workers_count(tmp_path: Path) -> None:
    """What one worker has in flight is not free for another one."""
    first, second = Quotas(tmp_path / "quotas", 0), Quotas(tmp_path / "quotas", 3)
    tickets = [first.enter(client(3)), second.enter(client(3)), second.enter(client(3))]
    for quotas in (first, second):
        with pytest.raises(QuotaExceededError):
            quotas.enter(client(3))
    tickets[1].leave()
    first.enter(client(3))


def test_a_worker_that_starts_again_holds_nothing(tmp_path: Path) -> None:
    """What a worker had in flight when it was killed does not count any more once its successor runs."""
    other, killed = Quotas(tmp_path / "quotas", 0), Quotas(tmp_path / "quotas", 1)
    kept = other.enter(client(3))
    killed.enter(client(3)), killed.enter(client(3))
    Quotas(tmp_path / "quotas", 1)
    tickets = [other.enter(client(3)), other.enter(client(3))]
    with pytest.raises(QuotaExceededError):
        other.enter(client(3))
    for ticket in (kept, *tickets):
        ticket.leave()


def test_a_row_that_went_to_another_client_is_noticed(tmp_path: Path) -> None:
    """A worker whose client's row was given away counts on in a new one, and does not spoil the other's numbers."""
    mine, others = Quotas(tmp_path / "quotas", 0), Quotas(tmp_path / "quotas", 1)
    held = mine.enter(client(2))
    held.leave()
    for number in range(4200):
        others.enter(Client(f"client-{number}", frozenset(), Quota(concurrent=1))).leave()
    mine.enter(client(2)), mine.enter(client(2))
    with pytest.raises(QuotaExceededError):
        others.enter(client(2))


def test_the_file_is_its_owner_s(tmp_path: Path) -> None:
    """Nobody else may read or write who asks how much."""
    Quotas(tmp_path / "quotas").close()
    assert (tmp_path / "quotas").stat().st_mode & 0o777 == 0o600


def test_numbers_of_workers() -> None:
    """There are cells for so many workers and no more."""
    with pytest.raises(ValueError, match="between 0 and 63, not 64"):
        Cells(None, 64)
