"""FAQ requests alone, and while images keep the same machine busy."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from loadtest.bench import Duration, OnStep, checked, measure
from loadtest.disturbance import Disturbance
from loadtest.environment import cores
from loadtest.faq import plan as faq
from loadtest.faq.questions import http_bodies
from loadtest.figures import Drive, Figure, Kind, Load, Subject, http_figure
from loadtest.images import plan
from loadtest.meter import Round, Span
from loadtest.report import Beside
from loadtest.stack import Stack, product

SUBJECT = Subject(Kind.HTTP, "FAQ matching, HTTP, 1 connection", "")
_TAIL = 2.0  # seconds that the images go on longer


class Together:
    """Drives a load while another one fills the machine, and remembers how much of the other was done."""

    def __init__(self, drive: Drive, other: Drive, name: str) -> None:
        self.rates: list[float] = []
        self._drive = drive
        self._other = other
        self._name = name

    def __call__(self, span: Span) -> Round:
        """Return the round of the load itself. Raises LoadTestError when the other one failed."""
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(self._other, Span(span.warm_up, sum(span) + _TAIL))
            time.sleep(span.warm_up)
            seen = self._drive(span)
            self.rates.append(checked(self._name, other.result()).rate)
        return seen


def measure_beside(
    repository: Path, questions: Sequence[str], pictures: Sequence[bytes], duration: Duration, on_step: OnStep
) -> list[Beside]:
    """Measure with the engine on all cores, and on one core less where there are several. Raises LoadTestError."""
    figures = []
    with ExitStack() as services:
        for engine_cores in sorted({max(1, cores() - 1), cores()}, reverse=True):
            on_step(f"starting the stack, engine on {engine_cores} of {cores()} cores", 0, 1)
            flags = ("--engine-cores", str(engine_cores))
            stack = services.enter_context(product(repository, [faq.MODEL, plan.MODEL], flags))
            figures += _figures(stack, engine_cores, questions, pictures)
        found = measure(figures, duration, on_step, Disturbance())
    others = [median(each.drive.rates) if isinstance(each.drive, Together) else 0.0 for each in figures]
    return [Beside(*pair) for pair in zip(found, others, strict=True)]


def _figures(stack: Stack, engine_cores: int, questions: Sequence[str], pictures: Sequence[bytes]) -> list[Figure]:
    alone = http_figure(SUBJECT, faq.target(stack.http_port), http_bodies(questions), Load(1))
    images = plan.load_over("http", stack, pictures)
    where = f"engine on {engine_cores} of {cores()} cores"
    together = Together(alone.drive, images, f"images beside the FAQ, {where}")
    return [
        Figure(SUBJECT, f"{where}, alone", alone.load, alone.driver, alone.drive),
        Figure(SUBJECT, f"{where}, beside images", alone.load, alone.driver, together),
    ]
