"""The driver's own test: higher and higher rates against nginx, then the same server seen by wrk and by the driver."""

from collections.abc import Iterator

import numpy as np

from loadtest.bench import OnStep
from loadtest.disturbance import Disturbance
from loadtest.facts import before, facts
from loadtest.http_driver import Target
from loadtest.openloop import fleet, http_load
from loadtest.openloop.http_load import Load
from loadtest.openloop.outcome import Outcome
from loadtest.openloop.schedule import Phase, Seconds, poisson
from loadtest.openloop.self_check.delayed import LONGEST, SHORTEST
from loadtest.openloop.self_check.report import PERCENTS, RATE, DriverReport, Held, Seen
from loadtest.openloop.self_check.servers import immediate, slow
from loadtest.openloop.self_check.wrk_latency import check, seen_by_wrk
from loadtest.stack import HOST

NAME = "driver"
_FIRST, _STEP = RATE * 2 // 3, 5_000  # requests/s
_TRIES = 2  # of a rate: what disturbs the machine for a moment is not the driver's limit
_CONNECTIONS = 32  # of wrk
_PATIENCE = 2.0  # seconds


def run(processes: int, seconds: int, on_step: OnStep) -> DriverReport:
    """Measure. Raises LoadTestError, also where wrk or nginx is not installed."""
    check()
    seen, disturbance = before(), Disturbance()
    with immediate() as port:
        on_step("wrk against nginx", 0, 3)
        limit = seen_by_wrk(_target(port).url, _CONNECTIONS, seconds)
        held = []
        for each in _climb(port, processes, seconds, disturbance):
            on_step(f"nginx: {each.offered:,.0f} requests/s were {'not ' if each.why else ''}held", 1, 3)
            held.append(each)
    with slow() as port:
        on_step("wrk and the driver against a server of known latency", 2, 3)
        by_wrk = seen_by_wrk(_target(port).url, _CONNECTIONS, seconds)
        by_driver = _try(port, by_wrk.rate, processes, seconds)
    on_step("done", 3, 3)
    return DriverReport(
        facts=facts(seen), processes=processes, seconds=seconds, limit=limit, held=held, known=_known(by_wrk.rate),
        by_wrk=by_wrk, by_driver=by_driver, disturbance=disturbance.share,
    )  # fmt: skip


def _climb(port: int, processes: int, seconds: int, disturbance: Disturbance) -> Iterator[Held]:
    """Try one rate after the other, until one is not held."""
    rate, tries = _FIRST, _TRIES
    while tries:
        disturbance.look()
        tried = _try(port, rate, processes, seconds)
        yield tried
        if tried.why:
            tries -= 1
        else:
            rate, tries = rate + _STEP, _TRIES


def _try(port: int, rate: float, processes: int, seconds: int) -> Held:
    request = f"GET / HTTP/1.1\r\nhost: {HOST}:{port}\r\n\r\n".encode()
    load = Load((HOST, port), [request], poisson([Phase(rate, seconds)]), patience=_PATIENCE)
    outcome = fleet.drive(http_load.run, fleet.split(load, processes))
    return Held(
        offered=rate,
        seen=Seen(float(np.sum(outcome.ok)) / seconds, _percentiles(outcome.latency)),
        lag_p99_ms=_percentiles(outcome.lag)[-1],
        busy=round(outcome.busy, 3),
        starved=round(outcome.starved, 3),
        why=[*outcome.doubts(), *_failures(outcome)],
    )


def _failures(outcome: Outcome) -> list[str]:
    failed = int(np.sum(~outcome.ok))
    return [f"{failed:,} requests were not answered"] if failed else []


def _percentiles(seconds: Seconds) -> list[float]:
    found: list[float] = (np.percentile(seconds, PERCENTS) * 1e3).round(3).tolist()
    return found


def _known(rate: float) -> Seen:
    return Seen(rate, [round((SHORTEST + (LONGEST - SHORTEST) * percent / 100) * 1e3, 3) for percent in PERCENTS])


def _target(port: int) -> Target:
    return Target(HOST, port, "/")
