"""The command `scoring bench rollout`."""

from pathlib import Path
from typing import Annotated

import typer

from loadtest import table
from loadtest.console import failures_reported, present, progress_shown
from loadtest.options import OUTPUT, REPOSITORY, Markdown, Output, Repository
from loadtest.plot import FILE
from loadtest.report import LATEST, check_writable, read, store
from loadtest.rollout import benchmark, view, workload
from loadtest.rollout.benchmark import Conditions
from loadtest.rollout.cluster import Delays
from loadtest.rollout.manifests import Manifests
from loadtest.rollout.report import RolloutReport, judge
from loadtest.rollout.scenes import ACTS, QUICK

_MANIFESTS = Path("k8s/rendered/aks-cpu.yaml")
_DELAYS = Delays()
_Manifests = Annotated[
    Path, typer.Option(metavar="FILE", help="Rendered manifests, whose timings and settings the pods have.")
]
_Quick = Annotated[
    bool, typer.Option("--quick", help=f"Two scenes only ({', '.join(QUICK)}); timings stay as they are.")
]
_EndpointsDelay = Annotated[
    float, typer.Option(min=0, max=60, metavar="SECONDS", help="Until the edge hears that a pod came or went.")
]
_NamesDelay = Annotated[
    float,
    typer.Option(
        min=0, max=300, metavar="SECONDS", help="Until a look-up of Triton's name tells so: the cluster's DNS caches."
    ),
]


def rollout(
    model_repository: Repository = REPOSITORY,
    manifests: _Manifests = _MANIFESTS,
    quick: _Quick = False,
    endpoints_delay: _EndpointsDelay = _DELAYS.endpoints,
    names_delay: _NamesDelay = _DELAYS.names,
    output: Output = OUTPUT,
    markdown: Markdown = False,
) -> None:
    """Update gateways and models as Kubernetes does, under load: not one request may be lost.

    Two gateways and two Tritons as processes with addresses of their own, behind haproxy and a name that stands for
    all Tritons. Updated, rolled back, evicted and scaled with the timings that the manifests give them. Every reply is
    compared with the catalog of the version that it names. Needs haproxy and libnss-wrapper. Reports go to
    DIR/rollout.

    Exit code: 0 when nothing was lost, 1 when something was or a pod had to be killed, 2 when the run failed.
    """
    folder = output / benchmark.NAME
    with failures_reported("scoring bench"):
        if markdown:
            shown = read(folder / LATEST, RolloutReport, "measure first: scoring bench rollout")
            typer.echo(table.document(view.grids(shown), view.notes(shown)), nl=False)
            return
        check_writable(folder)
        conditions = Conditions(delays=Delays(endpoints_delay, names_delay))
        report = _run(model_repository, manifests, QUICK if quick else tuple(ACTS), conditions)
        path = store(report, folder)
        view.draw(report, folder / FILE)
    goals = judge(report)
    present(view.grids(report), view.notes(report), goals)
    typer.echo(f"{path}, {folder / FILE}", err=True)
    if not all(goal.met for goal in goals):
        raise typer.Exit(1)


def _run(repository: Path, manifests: Path, acts: tuple[str, ...], conditions: Conditions) -> RolloutReport:
    length = benchmark.seconds(workload.read(Manifests(manifests)), acts, conditions)
    typer.echo(f"{len(acts)} scenes with the timings of {manifests}: about {length / 60:.0f} minutes", err=True)
    with progress_shown() as on_step:
        return benchmark.run(repository, manifests, acts, conditions, on_step)
