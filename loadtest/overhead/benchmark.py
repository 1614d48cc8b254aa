"""The overhead benchmark: the same questions to gateways that differ in one thing, in turns."""

from pathlib import Path

from loadtest import wrk
from loadtest.bench import OnStep, checked
from loadtest.disturbance import Disturbance
from loadtest.facts import before, facts
from loadtest.faq.plan import MANY, MODEL, target
from loadtest.faq.questions import SAMPLE_FILES, http_bodies, read_questions
from loadtest.figures import Drive, http_drive
from loadtest.meter import Span
from loadtest.overhead.report import Compared, OverheadReport
from loadtest.overhead.variants import Variant, served
from loadtest.parts import Part
from loadtest.stack import check_published

NAME = "overhead"
_SPAN = Span(warm_up=1.0, seconds=2.0)


def run(repository: Path, rounds: int, checkout: Path | None, on_step: OnStep) -> OverheadReport:
    """Measure all variants in turns. Raises LoadTestError, also when a single request failed."""
    check_published(repository, MODEL, "publish one with: scoring convert faq")
    seen, disturbance = before(), Disturbance()
    bodies = http_bodies(read_questions(SAMPLE_FILES))
    on_step("starting Triton and the gateways", 0, rounds)
    with served(repository, checkout) as running:
        drives = [_drive(variant, part, bodies) for variant, part in running]
        compared = [Compared(variant.name, []) for variant, _ in running]
        for turn in range(rounds):
            on_step("measuring", turn, rounds)
            disturbance.look()
            for each, drive in zip(compared, drives, strict=True):
                each.rounds.append(checked(each.name, drive(_SPAN)))
    driver = f"wrk {wrk.version()}" if wrk.version() else "loadtest.http_driver"
    return OverheadReport(
        facts=facts(seen),
        workload=f"single questions, {MANY} connections",
        driver=driver,
        disturbance=disturbance.share,
        compared=compared,
    )


def _drive(variant: Variant, part: Part, bodies: list[bytes]) -> Drive:
    asked = target(part.port)._replace(headers=tuple(variant.headers.items()))
    return http_drive(asked, bodies, MANY)
