"""A run as it goes: what is done now, and the variants so far, in a table that stays in place."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner

from loadtest.table import terminal
from loadtest.tune import view
from loadtest.tune.goal import Goal
from loadtest.tune.record import OnProgress, Progress

_OTHER_LINES = 8  # of the terminal: title, head, rules, what is done now


@contextmanager
def shown(goal: Goal) -> Iterator[OnProgress]:
    """Show progress on standard error: a live table, or lines where that is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda progress: console.print(progress.doing, markup=False, highlight=False)
        return
    spinner = Spinner("dots", "starting Triton")
    with Live(spinner, console=console, refresh_per_second=4, transient=True) as live:

        def on_progress(progress: Progress) -> None:
            spinner.update(text=progress.doing)
            rows = max(3, console.height - _OTHER_LINES)
            live.update(Group(terminal(view.grid(progress.report, goal, rows)), spinner))

        yield on_progress
