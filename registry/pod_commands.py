"""Commands that bring releases to where they are served: pull, follow."""

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from registry import catalog, options
from registry import follow as following
from registry import pull as downloading
from registry.console import failures_reported, megabytes, progress_shown, say
from registry.follow import Followed
from registry.journal import Lines
from registry.persistence import persistently
from registry.pull import Pulled
from registry.selection import Selection
from registry.store import open_store
from registry.target import CURRENT, Target


def pull(
    store: options.Store,
    release: options.Release,
    target: options.Target,
    documents_only: Annotated[
        bool, typer.Option("--documents-only", help="Configs, labels, cards and catalogs: what a gateway reads.")
    ] = False,
    training: Annotated[
        bool, typer.Option("--training", help="What `scoring convert faq --extend` needs, too.")
    ] = False,
    versions: options.Versions = None,
    wait: Annotated[
        float, typer.Option(min=0, max=86_400, metavar="SECONDS", help="Try again for so long if it fails.")
    ] = 0.0,
) -> None:
    """Download a release beside what is there, check it, and point DIR/current to it in one step."""
    with failures_reported("pull"), progress_shown("pull") as transfer:
        where = open_store(store, dict(os.environ))
        wanted = Selection(documents_only, training, versions)

        def attempt() -> Pulled:
            return downloading.pull(where, release, Target(target), wanted, transfer)

        pulled = persistently(attempt, wait)
        before = f", was {pulled.previous}" if pulled.previous not in {None, pulled.folder} else ""
        say(f"pull: {target / CURRENT} is {pulled.folder}{before}, {megabytes(pulled.downloaded)} downloaded")
    typer.echo(pulled.release)


def follow(
    store: options.Store,
    release: options.Release,
    target: options.Target,
    documents_only: Annotated[
        bool, typer.Option("--documents-only/--with-weights", help="Without models: what a gateway reads.")
    ] = True,
    interval: Annotated[float, typer.Option(min=0.05, max=86_400, metavar="SECONDS", help="Between looks.")] = 15.0,
    ready_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Written when a release is in place and after each look.")
    ] = None,
    log_format: Annotated[options.Format, typer.Option(help="Lines for people or JSON.")] = options.Format.TEXT,
) -> None:
    """Pull whatever a tag points to, again and again, until SIGTERM; errors are logged and tried again."""
    with failures_reported("follow", stopped=0):
        where = open_store(store, dict(os.environ))
        catalog.refuse_impossible(where, release)
        wanted, lines = Selection(documents_only=documents_only), Lines(log_format)
        followed = Followed(where, release, Target(target), wanted, interval, ready_file)
        following.follow(followed, lines, lines, time.sleep)
