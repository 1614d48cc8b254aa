"""The run: start everything, prove that all answer alike, measure in turns, report."""

from collections.abc import Sequence
from contextlib import ExitStack
from itertools import chain, islice
from pathlib import Path

from loadtest import inventory
from loadtest.bench import Benchmark, Duration, OnStep, measure
from loadtest.disturbance import Disturbance
from loadtest.environment import cores
from loadtest.facts import before, facts
from loadtest.faq import benchmark as faq
from loadtest.faq.benchmark import FaqBenchmark
from loadtest.faq.plan import MODEL as FAQ_MODEL
from loadtest.faq.questions import read_questions
from loadtest.images import benchmark as images
from loadtest.images.benchmark import ImageBenchmark
from loadtest.images.beside import FaqBesideImages
from loadtest.images.in_process import tensors
from loadtest.images.pictures import photos
from loadtest.images.plan import MODEL as IMAGE_MODEL
from loadtest.images.plan import Material
from loadtest.meter import Span
from loadtest.report import Report, Settings
from loadtest.stack import Stack
from loadtest.standing.services import Services, Wanted

NAME = "standing"
FULL = Duration(rounds=3, span=Span(warm_up=1.0, seconds=3.0))
QUICK = Duration(rounds=1, span=Span(warm_up=1.0, seconds=2.0))
TITLE = "The service, its limits and its peers"
_CHECKS = {FAQ_MODEL: faq.check, IMAGE_MODEL: images.check}


def check(repository: Path, models: Sequence[str]) -> None:
    """Raise LoadTestError when there is nothing to measure."""
    for model in models:
        _CHECKS[model](repository)


def run(repository: Path, wanted: Wanted, duration: Duration, on_step: OnStep) -> Report:
    """Measure everything on this machine; after Ctrl-C, the report is of the turns that were complete.

    Raises LoadTestError, also when a single request failed, and KeyboardInterrupt before the first turn is complete.
    """
    check(repository, wanted.models)
    questions = read_questions(wanted.questions)
    seen, disturbance = before(), Disturbance()  # before our own load
    with ExitStack() as running:
        services = Services(repository, wanted, running, on_step)
        stack = services.product()
        benchmarks = _benchmarks(services, stack, wanted.models, questions)
        beside = _beside(services, stack, wanted.models, questions)
        on_step("comparing answers", 0, 0)
        for each in benchmarks:
            each.prove()
        planned = [each.figures() for each in benchmarks]
        together = beside.figures()
        figures = iter(measure([*chain(*planned), *together], duration, on_step, disturbance))
        sections = [each.section([*islice(figures, len(own))]) for each, own in zip(benchmarks, planned, strict=True)]
        memory = inventory.memory(stack.server.pid)
    return Report(
        title=TITLE,
        facts=facts(seen, stack.triton_version),
        settings=Settings(len(sections[0].figures[0].rounds), *duration.span),
        services=services.commands,
        sections=sections,
        disturbance=disturbance.share,
        beside=beside.rows(together, [*figures]),
        memory=memory,
    )


def _benchmarks(services: Services, stack: Stack, models: Sequence[str], questions: Sequence[str]) -> list[Benchmark]:
    found: list[Benchmark] = []
    if FAQ_MODEL in models:
        found.append(FaqBenchmark(stack, services.faq_peers(stack), questions))
    if IMAGE_MODEL in models:
        main, int8 = services.int8(stack)
        pictures, spec = photos(), main.card.preprocessing
        material = Material(pictures, tensors(pictures, spec), spec)
        found.append(ImageBenchmark(main, int8, services.image_peers(stack), material))
    return found


def _beside(services: Services, stack: Stack, models: Sequence[str], questions: Sequence[str]) -> FaqBesideImages:
    stacks: dict[int, Stack] = {}
    if {FAQ_MODEL, IMAGE_MODEL} <= {*models}:
        stacks = {cores(): stack, **services.engine_on_fewer_cores()}
    return FaqBesideImages(stacks, questions, photos())
