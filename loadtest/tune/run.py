"""A whole run: a Triton, a load generator, the search, and a report that is stored whenever something was learnt."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from loadtest.errors import LoadTestError
from loadtest.facts import Before, Facts, before, facts
from loadtest.report import LATEST, check_writable, store
from loadtest.stack import published
from loadtest.tune import configs, cores, explanation, space
from loadtest.tune.budget import Budget
from loadtest.tune.choice import chosen
from loadtest.tune.control import Control
from loadtest.tune.cores import Cores, confined
from loadtest.tune.drivers import Driver, Traffic
from loadtest.tune.embedded import embedded
from loadtest.tune.goal import Goal
from loadtest.tune.measured import Trial
from loadtest.tune.models import Model, served
from loadtest.tune.report import Setup, TuneReport, earlier
from loadtest.tune.rig import Origin, Rig
from loadtest.tune.space import Offer
from loadtest.tune.trials import Trials
from loadtest.tune.tuner import Plan, Tuner

EMBEDDED = "embedded"


@dataclass(frozen=True)
class Order:
    """What is to be tuned, for what, and how."""

    model: Model
    repository: Path
    goal: Goal
    list_size: int
    cores: int | None  # of the pod; None: all of this machine
    triton: str  # an address, "" for one of our own
    config: str  # that our own Triton starts with
    budget_s: float
    output: Path
    resume: bool
    engines: tuple[str, ...] = ()  # none: all


class Progress(NamedTuple):
    """What is done now, and the report as it stands."""

    doing: str
    report: TuneReport


OnProgress = Callable[[Progress], None]


def run(order: Order, on_progress: OnProgress) -> TuneReport:
    """Tune a model, and store the report whenever something was measured.

    Ctrl-C ends the search: the report then says that it was interrupted. Raises LoadTestError; what was measured until
    then is kept.
    """
    looked = before()
    check_writable(order.output)
    division = cores.divided(order.cores)
    with ExitStack() as stack:
        address = order.triton or stack.enter_context(_own(order, division))
        control = stack.enter_context(Control(address, order.model.name))
        configs.check_tunable(control.original)
        setup = _setup(order, looked, division, control.original)
        traffic = Traffic(address, served(order.repository, order.model, order.list_size), order.list_size)
        with confined(division.driver):
            driver = stack.enter_context(Driver(traffic))
        rig = Rig(control, driver, order.list_size, order.goal.objectives, Origin(setup.default, setup.newest))
        record = _Record(order, facts(looked, control.version()), setup, control.original, on_progress)
        return _search(order, record, rig)


def _own(order: Order, division: Cores) -> AbstractContextManager[str]:
    return embedded(order.repository / order.model.name, order.config, division.server)


def _setup(order: Order, looked: Before, division: Cores, original: Any) -> Setup:
    folder = order.repository / order.model.name
    newest = published(order.repository, order.model.name)
    offer = Offer(original.backend, int(newest.name), configs.precision(newest))
    count = len(division.server)
    return Setup(
        model=order.model.name,
        files={offer.version: _digest(folder / str(offer.version)) for offer in _offers(order)},
        newest=offer.version,
        default=configs.variant_of(original, offer, count),
        goal=order.goal.text,
        list_size=order.list_size,
        cores=count,
        pod=None if order.triton else sorted(division.server),
        shared=division.shared,
        server=order.triton or EMBEDDED,
        budget_s=order.budget_s,
        cpu=looked.hardware.cpu,
    )


def _offers(order: Order) -> list[Offer]:
    # Whether another machine's Triton has an engine, loading a model there will tell.
    asked = [name for name in order.model.engines if name in (order.engines or order.model.engines)]
    installed = {name: bool(order.triton) or find_spec(name) is not None for name in asked}
    return configs.offers(order.repository / order.model.name, installed)


def _digest(version: Path) -> str:
    with (version / "model.onnx").open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _search(order: Order, record: "_Record", rig: Rig) -> TuneReport:
    model, default, limit_ms = order.model, record.setup.default, order.goal.limit_ms
    divided = space.divided(default, _offers(order), record.setup.cores, max(model.batch, order.list_size))
    sizes = sorted({size for size in (*model.batches, default.max_batch_size) if size >= order.list_size})
    delays = space.delays({*model.delays_us, default.queue_delay_us}, limit_ms)
    plan = Plan(default, divided, sizes, delays, order.list_size, model.concurrency)
    tuner = Tuner(rig, order.goal, plan, record.trials, Budget(order.budget_s, limit_ms), record.tell)
    try:
        return record.ended(tuner.run())
    except KeyboardInterrupt:
        return record.stored(interrupted=True)
    except LoadTestError as error:
        path = record.folder / LATEST
        raise LoadTestError(str(error), f"{error.hint}; {path} holds what was measured: go on with --resume") from None


class _Record:
    """The report as it grows."""

    def __init__(self, order: Order, made: Facts, setup: Setup, original: Any, on_progress: OnProgress) -> None:
        self._order = order
        self._facts = made
        self.setup = setup
        self._original = original
        self.folder = order.output
        self.trials = Trials(earlier(order.output, setup) if order.resume else ())
        self._on_progress = on_progress

    def tell(self, doing: str) -> None:
        self._on_progress(Progress(doing, self.stored()))

    def ended(self, finalists: Sequence[Trial]) -> TuneReport:
        """Choose the best, say why, and store that."""
        goal, default = self._order.goal, self.trials.of(self.setup.default)
        best = chosen(finalists, default.variant, goal)
        if best is None:
            return self.stored(finalists)
        why = explanation.sentences(best, default, list(self.trials), goal, self._order.model)
        return self.stored(finalists, best, why)

    def stored(
        self,
        finalists: Sequence[Trial] = (),
        best: Trial | None = None,
        why: Sequence[str] = (),
        *,
        interrupted: bool = False,
    ) -> TuneReport:
        """Return the report as it stands, and write it."""
        report = TuneReport(
            facts=self._facts,
            setup=self.setup,
            unit=self._order.model.unit,
            trials=list(self.trials),
            finalists=[each.variant for each in finalists],
            best=best.variant if best else None,
            why=list(why),
            config=self._config(best, why) if best else "",
            interrupted=interrupted,
        )
        store(report, self.folder)
        return report

    def _config(self, best: Trial, why: Sequence[str]) -> str:
        comment = f"{self._facts.created[:10]}, for {self.setup.goal}: {why[0]}"
        return configs.config_of(best.variant, self._original, self.setup.newest, comment).text(configs.HEADER)
