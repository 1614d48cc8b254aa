"""What happens around a Locust run: options before it, inputs and a shape at its start, the verdict at its end."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from grpc.experimental.gevent import init_gevent
from locust import LoadTestShape, User, events, log, stats
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner
from rich.console import Console

from loadtest import table
from loadtest.errors import LoadTestError
from loadtest.goals import Goal
from loadtest.locust_users import objectives, options, shapes
from loadtest.locust_users.checks import check
from loadtest.locust_users.hints import hints
from loadtest.locust_users.inputs import inputs
from loadtest.locust_users.users import ScoringUser

_WIDTH = 120  # of a table that goes to a file
_MISSED = 1  # exit code; 2 stands for a command line that cannot be followed


def install(*, default: type[User], names: Sequence[str], slo: Sequence[str]) -> None:
    """Take part in the run of the locustfile that calls this.

    `default` runs where the command line names no users; requests are counted under `names`; `slo` holds without --slo.
    """
    with _failures_reported():
        ScoringUser.inputs = inputs()  # before workers are forked off: once for all of them, and before users start
    stats.bucket_response_time = objectives.three_digits  # type: ignore[assignment]  # counts by whatever number it gets
    stats.PERCENTILES_TO_CHART = [0.5, 0.95, 0.99]  # the last is what objectives mostly are about
    session, hooks = _Session(default, names, slo), cast("Any", events)
    hooks.init_command_line_parser.add_listener(session.add_options)
    hooks.init.add_listener(session.prepare)
    hooks.test_start.add_listener(session.start)
    hooks.quitting.add_listener(session.judge)
    hooks.quit.add_listener(session.report)  # after Locust's own tables


@contextmanager
def _failures_reported() -> Iterator[None]:
    try:
        yield
    except LoadTestError as error:
        sys.stderr.write(f"locust: {error}\n  {error.hint}\n")
        sys.exit(2)


class _Session:
    def __init__(self, default: type[User], names: Sequence[str], slo: Sequence[str]) -> None:
        self._default = default
        self._names = names
        self._slo = slo
        self._started = False
        self._goals: list[Goal] = []
        self._hints: list[str] = []

    def add_options(self, parser: LocustArgumentParser, **_: Any) -> None:
        options.add(parser, self._names)

    def prepare(self, environment: Environment, **_: Any) -> None:
        """Make a process ready: the last thing before users are made, and after workers were forked off."""
        given, runner = options.given(environment), environment.runner
        with _failures_reported():
            check(given)
        init_gevent()  # gRPC's threads would not outlive a fork
        time.sleep(0.001)  # lets gevent look at the clock: the imports' seconds would be taken off --run-time
        if isinstance(runner, WorkerRunner):
            return  # the master says whom to play, and when
        if not given.user_classes and not given.class_picker:
            environment.user_classes = [self._default]
        if given.shape:
            environment.shape_class = _Shape(shapes.chosen(given))
            environment.shape_class.runner = runner

    def start(self, **_: Any) -> None:
        self._started = True

    def judge(self, environment: Environment, **_: Any) -> None:
        """Set the exit code; a worker, which knows its own requests only, leaves that to the master."""
        runner = environment.runner
        if not self._started or runner is None or isinstance(runner, WorkerRunner):
            return
        if isinstance(runner, MasterRunner):
            runner.quit()  # after Ctrl-C workers have yet to say what they saw
        given = options.given(environment)
        if given.csv_prefix:
            time.sleep(stats.CSV_STATS_INTERVAL_SEC + 0.1)  # files are written once in a while, and not at the end
        asked = [objectives.parse(text, self._names) for text in given.slo or self._slo]
        self._goals = objectives.judged(asked, environment.stats)
        self._hints = hints(environment)
        sound = not runner.exceptions and not log.unhandled_greenlet_exception
        environment.process_exit_code = 0 if sound and all(goal.met for goal in self._goals) else _MISSED

    def report(self, **_: Any) -> None:
        """Print the verdict where Locust prints its tables."""
        if self._goals:
            console = Console(stderr=True, width=None if sys.stderr.isatty() else _WIDTH)
            console.print(table.terminal(objectives.grid(self._goals)))
            for hint in self._hints:
                console.print(hint, markup=False, highlight=False)


class _Shape(LoadTestShape):
    """Lets Locust follow a shape."""

    def __init__(self, shape: shapes.Shape) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._shape = shape

    def tick(self) -> shapes.Tick | None:
        return self._shape.tick(self.get_run_time())  # type: ignore[no-untyped-call]
