"""The command `scoring classify`: what a picture shows, asked of a running gateway."""

import json
import os
import re
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from gateway.classify_client import Classified, ClassifyError, Gateway, PictureError, read_key, read_picture

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_BAR_WIDTH = 30  # characters

_Pictures = Annotated[list[Path], typer.Argument(metavar="PICTURE...", help="JPEG, PNG, WebP, GIF, BMP or TIFF files.")]
_TopK = Annotated[int, typer.Option("--top-k", min=1, help="Classes to show for a picture.")]
_Url = Annotated[str, typer.Option(metavar="URL", help="Address of the gateway.")]
_KeyFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="File that holds the API key, where one is needed; or set SCORING_API_KEY to the key."
    ),
]
_CaCert = Annotated[
    Path | None, typer.Option("--cacert", metavar="FILE", help="Certificates (PEM) to trust instead of the system's.")
]
_Json = Annotated[bool, typer.Option("--json", help="Print the replies as they are, one line for each picture.")]


@app.command()
def classify(
    pictures: _Pictures,
    top_k: _TopK = 5,
    url: _Url = "http://localhost:8080",
    key_file: _KeyFile = None,
    cacert: _CaCert = None,
    as_json: _Json = False,
) -> None:
    """Ask a running gateway what pictures show."""
    failed = False
    try:
        key = read_key(key_file) if key_file else os.environ.get("SCORING_API_KEY", "")
        gateway = Gateway(url, key, cacert)
        for path in pictures:
            try:
                _show(path, gateway.classify(read_picture(path), top_k), as_json)
            except PictureError as error:  # the others may be good
                typer.echo(f"scoring classify: {error}", err=True)
                failed = True
    except ClassifyError as error:
        typer.echo(f"scoring classify: {error}", err=True)
        failed = True
    if failed:
        raise typer.Exit(2)


def _show(path: Path, classified: Classified, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"file": str(path), **classified.reply}, ensure_ascii=False))
        return
    console = Console(highlight=False)
    console.print(Text(str(path), style="bold"))
    console.print(_classes(classified))
    console.print(Text(_source(classified), style="dim"))
    if warning := classified.reply["model"].get("warning"):
        console.print(Text(f"These classes mean nothing ({warning}).", style="bold red"))
    console.print()


def _classes(classified: Classified) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=24)
    for each in classified.reply["classes"]:
        bar = ProgressBar(total=1.0, completed=each["probability"], width=_BAR_WIDTH)
        percent = Text(f"{each['probability']:.1%}", justify="right")
        table.add_row(Text(each["label"]), percent, bar, Text(each["wnid"], style="dim"))
    return table


def _source(classified: Classified) -> str:
    model = classified.reply["model"]
    times = [f"{name} {float(ms):.1f} ms" for name, ms in re.findall(r"(\w+);dur=([\d.]+)", classified.timing)]
    parts = [f"{model['name']} version {model['version']}", f"weights {model['weights']}", model["engine"], *times]
    return " · ".join(parts)
