"""FAQ requests alone, and while images keep the same machine busy."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

from loadtest.bench import checked
from loadtest.environment import cores
from loadtest.faq import plan as faq
from loadtest.faq.questions import http_bodies
from loadtest.figures import Drive, Figure, Kind, Load, Subject, http_figure
from loadtest.images import plan
from loadtest.meter import Round, Span
from loadtest.report import Beside, Measured
from loadtest.stack import Stack

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


@dataclass(frozen=True)
class FaqBesideImages:
    """Running stacks, by the number of cores that their engine has for images."""

    stacks: dict[int, Stack]
    questions: Sequence[str]
    pictures: Sequence[bytes]

    def figures(self) -> list[Figure]:
        """Return what is measured: of each stack, the FAQ alone and beside images."""
        return [figure for count, stack in self.stacks.items() for figure in self._figures(stack, count)]

    def rows(self, planned: Sequence[Figure], found: Sequence[Measured]) -> list[Beside]:
        """Return what was measured, with the images that were done meanwhile."""
        others = [median(each.drive.rates) if isinstance(each.drive, Together) else 0.0 for each in planned]
        return [Beside(*pair) for pair in zip(found, others, strict=True)]

    def _figures(self, stack: Stack, engine_cores: int) -> list[Figure]:
        alone = http_figure(SUBJECT, faq.target(stack.http_port), http_bodies(self.questions), Load(1))
        images = plan.load_over("http", stack, self.pictures)
        where = f"engine on {engine_cores} of {cores()} cores"
        together = Together(alone.drive, images, f"images beside the FAQ, {where}")
        return [
            Figure(SUBJECT, f"{where}, alone", alone.load, alone.driver, alone.drive),
            Figure(SUBJECT, f"{where}, beside images", alone.load, alone.driver, together),
        ]
