"""The command `scoring bench driver`."""

from typing import Annotated

import typer

from loadtest.console import failures_reported, present, progress_shown
from loadtest.openloop.self_check import benchmark
from loadtest.openloop.self_check.report import grids, judge, notes
from loadtest.options import OUTPUT, Output
from loadtest.report import check_writable, store


def driver(
    output: Output = OUTPUT,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Processes that send.")] = 2,
    seconds: Annotated[int, typer.Option(min=1, max=600, help="How long each rate is held.")] = 5,
) -> None:
    """Test the load generator itself: the highest rate that it holds, and its latencies beside wrk's.

    Needs wrk and nginx. Rates rise until the driver doubts its own figures; then wrk and the driver ask, at the same
    rate, a server that keeps every request for a known time. Reports go to DIR/driver.
    """
    folder = output / benchmark.NAME
    with failures_reported("scoring bench"):
        check_writable(folder)
        with progress_shown() as on_step:
            report = benchmark.run(processes, seconds, on_step)
        path = store(report, folder)
    present(grids(report), notes(report), judge(report))
    typer.echo(str(path), err=True)
