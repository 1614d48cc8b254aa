"""The command `scoring doctor`."""

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from doctor import report
from doctor.check import Check
from doctor.examination import DoctorError, admit, examine
from doctor.register import CHECKS
from doctor.target import Processor, target

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_WIDTH = 100  # of what goes to a file


class Format(StrEnum):
    """What the report is for."""

    TEXT = "text"
    JSON = "json"


_Repository = Annotated[Path, typer.Option(metavar="DIR", help="Folder with the models that Triton serves.")]
_Manifests = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="PATH", help="Rendered manifests, a file or a folder of them, - for standard input; repeatable."
    ),
]
_ConfigName = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="What Triton is started with as --model-config-name; else all are looked at."),
]
_Target = Annotated[
    Processor,
    typer.Option("--target", help="What the models run on: this machine, a CPU without or with VNNI or AMX, a GPU."),
]
_Cores = Annotated[int | None, typer.Option(min=1, max=1024, help="Cores of the pod that Triton runs in.")]
_Format = Annotated[Format, typer.Option("--format", help="A report for people or for programs.")]
_Strict = Annotated[bool, typer.Option("--strict", help="Warnings fail, too.")]
_Skip = Annotated[list[str] | None, typer.Option(metavar="ID", help="Leave a check out; repeatable.")]
_List = Annotated[bool, typer.Option("--list", help="List the checks and look at nothing.")]


@app.command()
def doctor(
    model_repository: _Repository = Path("model_repository"),
    manifests: _Manifests = None,
    config_name: _ConfigName = None,
    processor: _Target = Processor.HERE,
    cores: _Cores = None,
    format_: _Format = Format.TEXT,
    strict: _Strict = False,
    skip: _Skip = None,
    list_: _List = False,
) -> None:
    """Say what is wrong or risky, and what to do about it, before anything is started.

    Reads the model repository, its ONNX files, the gateway's settings (environment variables, as `scoring gateway`
    reads them) and Kubernetes manifests as `kubectl kustomize` prints them; changes nothing and asks no server.

    Exit code: 0 when nothing is wrong (warnings are allowed without --strict), 1 when something is, 2 when nothing
    could be looked at.
    """
    if list_:
        _list()
        return
    wanted = _without(skip or [])
    try:
        patient = admit(model_repository, manifests or [], target(processor, cores), config_name, dict(os.environ))
    except DoctorError as error:
        typer.echo(f"scoring doctor: {error}\n  {error.hint}", err=True)
        raise typer.Exit(2) from None
    diagnosis = examine(patient, wanted)
    if format_ is Format.JSON:
        typer.echo(report.as_json(diagnosis, strict=strict))
    else:
        report.show(diagnosis, _console(), strict=strict)
    raise typer.Exit(0 if diagnosis.healthy(strict=strict) else 1)


def _without(skipped: Sequence[str]) -> list[Check]:
    known = {check.id for check in CHECKS}
    if unknown := [each for each in skipped if each not in known]:
        raise typer.BadParameter(f"--skip {unknown[0]}: no such check; --list shows them")
    return [check for check in CHECKS if check.id not in skipped]


def _list() -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("check", "what is right"):
        table.add_column(name, style="cyan" if name == "check" else "", no_wrap=name == "check")
    for check in CHECKS:
        table.add_row(check.id, check.sentence)
    _console().print(table)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False)
