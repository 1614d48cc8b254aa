"""The report of a run as it grows, stored whenever something was measured."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, NamedTuple

from loadtest.disturbance import Disturbance
from loadtest.facts import Facts
from loadtest.report import store
from loadtest.tune import configs, explanation
from loadtest.tune.choice import chosen
from loadtest.tune.measured import Trial
from loadtest.tune.order import Order
from loadtest.tune.report import Setup, TuneReport, earlier
from loadtest.tune.trials import Trials
from loadtest.tune.variant import counted

_LOOK_EVERY = 5.0  # seconds between two looks at what others do on the machine


class Progress(NamedTuple):
    """What is done now, and the report as it stands."""

    doing: str
    report: TuneReport


OnProgress = Callable[[Progress], None]


class Record:
    """The report as it grows."""

    def __init__(self, order: Order, made: Facts, setup: Setup, original: Any, on_progress: OnProgress) -> None:
        self._order = order
        self._facts = made
        self.setup = setup
        self._original = original
        self.folder = order.output
        self.trials = Trials(earlier(order.output, setup) if order.resume else ())
        self._on_progress = on_progress
        self._disturbance = Disturbance()
        self._looked = 0.0

    def tell(self, doing: str) -> None:
        """Show and store what there is; now and then, see what others do while Triton has nothing to do."""
        if monotonic() - self._looked > _LOOK_EVERY:
            self._disturbance.look()
            self._looked = monotonic()
        self._on_progress(Progress(doing, self.stored()))

    def interrupted(self) -> TuneReport:
        """Store what there is."""
        report = self.stored(interrupted=True)
        self._on_progress(Progress("interrupted: the config that was served before is put back", report))
        return report

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
            config=self._config(best) if best else "",
            disturbance=self._disturbance.share,
            interrupted=interrupted,
        )
        store(report, self.folder)
        return report

    def _config(self, best: Trial) -> str:
        comment = f"For {self.setup.goal} on {counted(self.setup.cores, 'core')}; {self._facts.created[:10]}"
        return configs.config_of(best.variant, self._original, self.setup.newest, comment).text(configs.HEADER)
