"""The command `scoring render`."""

from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_Overlays = Annotated[list[str] | None, typer.Argument(metavar="[OVERLAY]...", help="Overlays to look at; else all.")]
_Check = Annotated[bool, typer.Option("--check", help="Write nothing; fail where a committed file is not current.")]


@app.command()
def render(overlays: _Overlays = None, check: _Check = False) -> None:
    """Render the Kubernetes overlays into k8s/rendered and check what comes out."""
    typer.echo("scoring render: there are no overlays yet", err=True)
    raise typer.Exit(2)
