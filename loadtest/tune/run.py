"""A whole run: a Triton, a load generator, the search, and what becomes of it when it is interrupted."""

from contextlib import AbstractContextManager, ExitStack

from loadtest.errors import LoadTestError
from loadtest.facts import before, facts
from loadtest.report import LATEST, check_writable
from loadtest.tune import configs, cores, space
from loadtest.tune.budget import Budget
from loadtest.tune.control import Control
from loadtest.tune.cores import Cores, confined
from loadtest.tune.drivers import Driver, Traffic
from loadtest.tune.embedded import embedded
from loadtest.tune.models import served
from loadtest.tune.order import Order, setup
from loadtest.tune.record import OnProgress, Record
from loadtest.tune.report import TuneReport
from loadtest.tune.rig import Origin, Rig
from loadtest.tune.tuner import Plan, Tuner


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
        made = setup(order, looked, division, control.original)
        traffic = Traffic(address, served(order.repository, order.model, order.list_size), order.list_size)
        with confined(division.driver):
            driver = stack.enter_context(Driver(traffic))
        rig = Rig(control, driver, order.list_size, order.goal.objectives, Origin(made.default, made.newest))
        record = Record(order, facts(looked, control.version()), made, control.original, on_progress)
        return _search(order, record, rig)


def _own(order: Order, division: Cores) -> AbstractContextManager[str]:
    return embedded(order.folder, order.config, division.server)


def _search(order: Order, record: Record, rig: Rig) -> TuneReport:
    model, default, limit_ms = order.model, record.setup.default, order.goal.limit_ms
    divided = space.divided(default, order.offers(), record.setup.cores, max(model.batch, order.list_size))
    sizes = sorted({size for size in (*model.batches, default.max_batch_size) if size >= order.list_size})
    delays = space.delays({*model.delays_us, default.queue_delay_us}, limit_ms)
    plan = Plan(default, divided, sizes, delays, order.list_size, model.concurrency)
    tuner = Tuner(rig, order.goal, plan, record.trials, Budget(order.budget_s, limit_ms), record.tell)
    try:
        return record.ended(tuner.run())
    except KeyboardInterrupt:
        return record.interrupted()
    except LoadTestError as error:
        path = record.folder / LATEST
        raise LoadTestError(str(error), f"{error.hint}; {path} holds what was measured: go on with --resume") from None
