"""Commands that only read a store: list, show, diff, verify."""

import os
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from registry import catalog, options, report
from registry import tags as tagging
from registry.compare import differences
from registry.console import counted, failures_reported, megabytes, progress_shown, say
from registry.store import open_store
from registry.verify import verify_folder, verify_store


def list_(store: options.Store, format_: options.OutputFormat = options.Format.TEXT) -> None:
    """List the releases of a store, the newest first."""
    with failures_reported("list"):
        found = catalog.load_all(open_store(store, dict(os.environ)))
    for error in found.damaged.values():
        say(f"scoring models list: {error}")
    if format_ is options.Format.JSON:
        typer.echo(report.as_json(report.summaries(found)))
    elif found.releases:
        report.show_list(found)
    else:
        say(f"{store} holds no release")
    raise typer.Exit(1 if found.damaged else 0)


def show(release: options.Reference, store: options.Store, format_: options.OutputFormat = options.Format.TEXT) -> None:
    """Show what a release holds and where it comes from."""
    with failures_reported("show"):
        where = open_store(store, dict(os.environ))
        found, known = catalog.find(where, release), tagging.known(where)
    pointing = sorted(name for name, each in known.items() if each.release == found.id)
    if format_ is options.Format.JSON:
        typer.echo(report.as_json({"id": found.id, "tags": pointing, **msgspec.to_builtins(found)}))
    else:
        report.show_release(found, pointing)


def diff(
    old: options.Reference,
    new: options.Reference,
    store: options.Store,
    format_: options.OutputFormat = options.Format.TEXT,
) -> None:
    """Say which versions and configs differ between two releases. Exit code 1 when some do."""
    with failures_reported("diff"):
        where = open_store(store, dict(os.environ))
        found = differences(catalog.find(where, old), catalog.find(where, new))
    if format_ is options.Format.JSON:
        typer.echo(report.as_json(found))
    else:
        report.show_differences(found)
    if not found:
        say("no difference")
    raise typer.Exit(1 if found else 0)


def verify(
    release: Annotated[
        str | None, typer.Argument(metavar="RELEASE", help="A release's id, or a tag; else all of the store.")
    ] = None,
    store: Annotated[
        str | None, typer.Option(envvar="MODELS_STORE", metavar="STORE", help="Where releases are kept.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Check a pulled folder instead, DIR/current of a pull.")
    ] = None,
) -> None:
    """Read all files and compare their SHA-256. Exit code 1 when one is missing or damaged."""
    if folder is not None and release is not None:
        raise typer.BadParameter("name a release of the store or a pulled folder, not both")
    with failures_reported("verify"), progress_shown("verify") as transfer:
        if folder is not None:
            verdict = verify_folder(folder, transfer.advanced)
        elif store is not None:
            verdict = verify_store(open_store(store, dict(os.environ)), release, transfer.advanced)
        else:
            raise typer.BadParameter("name what to verify: --store STORE (MODELS_STORE), or --folder DIR")
    for fault in verdict.faults:
        typer.echo(fault)
    checked = f"{counted(verdict.releases, 'release')}, {counted(verdict.files, 'file')}, {megabytes(verdict.size)}"
    say(f"{checked}: {len(verdict.faults) or 'no'} faults")
    raise typer.Exit(1 if verdict.faults else 0)
