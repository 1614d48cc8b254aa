"""`python -m k8s.monitoring.preview`: the dashboards as pictures, from what a Prometheus has seen."""

import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from matplotlib.figure import Figure

from doctor.wording import listed
from k8s.monitoring.grafana.generated import BOARDS
from k8s.monitoring.grafana.spec import Board
from k8s.monitoring.preview.drawing import draw
from k8s.monitoring.preview.history import History, Span

_POINTS = 180  # over the span
_ROW = 0.27  # inches of a row of Grafana's grid
_WIDTH = 14.0
_COMMAND = "python -m k8s.monitoring.preview"

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def main(
    prometheus: Annotated[
        str, typer.Option(metavar="URL", help="Address of the Prometheus.")
    ] = "http://127.0.0.1:9090",
    minutes: Annotated[float, typer.Option(min=0.1, max=43_200, help="How far to look back.")] = 10.0,
    ago: Annotated[float, typer.Option(min=0, max=43_200, help="How many minutes ago the pictures end.")] = 0.0,
    window: Annotated[str, typer.Option(metavar="DURATION", help="Window of the rates.")] = "30s",
    dashboard: Annotated[
        list[str] | None, typer.Option(metavar="UID", help="The dashboards to draw, by uid; else all.")
    ] = None,
    target: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the pictures.")] = Path("results/dashboards"),
) -> None:
    """Draw each dashboard into a PNG picture."""
    boards = [board for board in BOARDS if not dashboard or board.uid in dashboard]
    if not boards:
        _fail("there is no such dashboard", f"there are {listed(board.uid for board in BOARDS)}")
    end = time.time() - 60 * ago
    history = History(prometheus, Span(end - 60 * minutes, end, 60 * minutes / _POINTS), window)
    for board in boards:
        path = target / f"dashboard-{board.uid.removeprefix('scoring-')}.png"
        try:
            figure = _drawn(board, history)
        except (OSError, ValueError) as error:  # nobody answers, no address, a window that is none
            _fail(
                f"{prometheus} does not answer queries: {error}",
                "start it as docs/monitoring.md says, or name it: --prometheus URL",
            )
        try:
            target.mkdir(parents=True, exist_ok=True)
            figure.savefig(path, dpi=110)
        except OSError as error:
            _fail(f"{path} cannot be written: {error.strerror}", "choose another folder: --target DIR")
        typer.echo(path)


def _fail(problem: str, hint: str) -> NoReturn:
    typer.echo(f"{_COMMAND}: {problem}\n  {hint}", err=True)
    raise typer.Exit(2)


def _drawn(board: Board, history: History) -> Figure:
    rows = sum(1.5 + sum(line.height for line in section.lines) for section in board.sections)
    figure = Figure(figsize=(_WIDTH, _ROW * (rows + 2)))
    figure.suptitle(board.title, x=0.01, y=1 - 0.7 / (rows + 2), ha="left", fontsize=13)
    top = 2.0
    for section in board.sections:
        figure.text(0.01, 1 - (top + 0.9) / (rows + 2), section.title, fontsize=10, weight="bold", va="center")
        top += 1.5
        for line in section.lines:
            for place, panel in enumerate(line.panels):
                width = 1 / len(line.panels)
                left, bottom = place * width + 0.025, 1 - (top + line.height - 0.9) / (rows + 2)
                axes = figure.add_axes((left, bottom, width - 0.04, (line.height - 2.6) / (rows + 2)))
                axes.set_title(panel.title, fontsize=7, loc="left", pad=3)
                axes.tick_params(labelsize=5)
                draw(panel, axes, history)
            top += line.height
    return figure


if __name__ == "__main__":
    app(prog_name=_COMMAND)
