"""The command `scoring render`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from k8s.render import report
from k8s.render.errors import RenderError
from k8s.render.overlays import overlays as known_overlays
from k8s.render.run import OnStep, Request, run
from k8s.render.tools import RELEASES, Tools

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_RELEASES = ",".join(RELEASES)
_WIDTH = 120  # of what goes to a file

_Overlays = Annotated[list[str] | None, typer.Argument(metavar="[OVERLAY]...", help="Overlays to look at; else all.")]
_Check = Annotated[bool, typer.Option("--check", help="Write nothing; fail where a committed file is not current.")]
_Crds = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder with definitions of custom resources as YAML: kubectl get crd -o yaml > DIR/crds.yaml. Without it "
        "they are not validated.",
    ),
]
_Kubernetes = Annotated[str, typer.Option(metavar="RELEASES", help="Kubernetes releases that the objects must fit.")]
_NoPolicies = Annotated[bool, typer.Option("--no-policies", help="Leave checkov out.")]
_Folder = Annotated[Path, typer.Option(metavar="DIR", help="Folder with overlays and rendered.")]
_Models = Annotated[Path, typer.Option(metavar="DIR", help="Models that the doctor compares the pods with.")]


@app.command()
def render(
    overlays: _Overlays = None,
    check: _Check = False,
    crds: _Crds = None,
    kubernetes: _Kubernetes = _RELEASES,
    no_policies: _NoPolicies = False,
    folder: _Folder = Path("k8s"),
    model_repository: _Models = Path("model_repository"),
) -> None:
    """Render the Kubernetes overlays into k8s/rendered and check what comes out.

    Renders with kustomize, writes k8s/rendered and the other generated files of k8s, validates every object against
    the schemas of Kubernetes and of custom resources (rules in CEL are not evaluated), runs checkov's policies on
    manifests, Dockerfiles and Bicep files, and the doctor. What is meant differently stands in
    k8s/policies/suppressions.yaml, with reasons.

    Exit code: 0 when nothing is wrong, 1 when something is, 2 when nothing could be looked at.
    """
    try:
        tools = Tools.found(kubernetes.split(","), crds, policies=not no_policies)
        names = known_overlays(folder, overlays or [])
        if not model_repository.is_dir():
            raise RenderError(f"{model_repository} is not a folder", "name the models with --model-repository DIR")
        request = Request(folder, names, tools, model_repository, check=check, whole=not overlays)
        with _progress_shown(request.steps) as on_step:
            outcome = run(request, on_step)
    except RenderError as error:
        typer.echo(f"scoring render: {error}\n  {error.hint}", err=True)
        raise typer.Exit(2) from None
    report.show(outcome, Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False))
    if note := outcome.not_validated(definitions=crds is not None):
        typer.echo(note)
    raise typer.Exit(1 if outcome.faulty else 0)


@contextmanager
def _progress_shown(steps: int) -> Iterator[OnStep]:
    """Show a bar on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=steps)
        progress.update(task, completed=-1)
        yield lambda text: progress.update(task, description=text, advance=1)
