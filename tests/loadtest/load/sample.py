"""Load reports as runs would leave them, made from a simulated queue: no service, no clock, always the same."""

from collections.abc import Sequence

import numpy as np

from loadtest import slo
from loadtest.load.knee import knee
from loadtest.load.report import LoadReport, Step, Target
from loadtest.load.step import Aim, step
from loadtest.meter import Span
from loadtest.openloop.outcome import OK, Outcome
from loadtest.openloop.schedule import Phase, Seconds, poisson
from tests.loadtest.load import reports

SLO = "p99<50ms,errors<1%,refused<1%"
RATES = (100, 500, 1000, 2000, 3000, 4000, 4400, 4600, 4800, 5200, 6000)
_CAPACITY = 4700.0  # requests/s of the one server
_FULL = 0.4  # seconds of waiting, beyond which it refuses
_SECONDS = 8.0


def outcome(rate: float, seconds: float = _SECONDS, *, lag: float = 0.0) -> Outcome:
    """Return what becomes of requests at a server with one queue, which refuses what would wait too long."""
    draw = np.random.default_rng(int(rate))
    due = poisson([Phase(rate, seconds)], int(rate))
    service = draw.gamma(4, 1 / (4 * _CAPACITY), len(due)) + (draw.random(len(due)) < 0.0005) * 0.004
    wait = _waits(due, service)
    refused = np.isnan(wait)
    network = 0.0004 + draw.gamma(2, 0.0001, len(due))
    status = np.where(refused, np.where(draw.random(len(due)) < 0.1, 504, 503), OK).astype(np.int16)
    return Outcome(
        due=due,
        lag=np.full(len(due), lag),
        latency=np.where(refused, network, network + wait + service),
        status=status,
        waited=np.zeros(len(due), dtype=bool),
        busy=min(0.99, rate / 8000),
        stages={
            name: np.where(refused, np.nan, values * 1e3).astype(np.float32)
            for name, values in {
                "read": network * 0.1, "decode": draw.gamma(3, 0.00003, len(due)), "wait": wait,
                "infer": service, "encode": draw.gamma(3, 0.00001, len(due)),
            }.items()
        },
    )  # fmt: skip


def _waits(due: Seconds, service: Seconds) -> Seconds:
    """How long each request waits for those before it, nan where it would be too long."""
    free = 0.0
    waits = np.full(len(due), np.nan)
    for place, (now, needed) in enumerate(zip(due.tolist(), service.tolist(), strict=True)):
        if free - now <= _FULL:
            waits[place] = max(0.0, free - now)
            free = max(free, now) + needed
    return waits


def report(
    rates: Sequence[float] = RATES,
    *,
    slo_text: str = SLO,
    what: str = "faq",
    batch: int = 1,
    interrupted: bool = False,
    doubted: Sequence[float] = (),
) -> LoadReport:
    """Return the report of a run over some rates; at those `doubted`, the driver was late."""
    steps = [_step(rate, slo_text, 0.03 if rate in doubted else 0.0) for rate in rates]
    held = [place for place, each in enumerate(steps) if each.objectives and each.holds]
    return LoadReport(
        facts=reports.report([]).facts,
        target=Target(url="http://127.0.0.1:8080", protocol="http", what=what, batch=batch),
        arrivals="poisson",
        processes=2,
        slo=slo_text,
        steps=steps,
        best=max(held, key=lambda place: steps[place].rate, default=None),
        knee=knee(steps),
        interrupted=interrupted,
        driver_busy=0.42,
    )


def _step(rate: float, slo_text: str, lag: float) -> Step:
    objectives = slo.parse(slo_text) if slo_text else []
    return step(Aim(rate, Span(0.0, _SECONDS), objectives, 64), outcome(rate, lag=lag))
