"""The command `scoring models`: releases of the model repository, from a converter to the pods that serve them."""

from pathlib import Path
from typing import Annotated

import typer

from registry import options

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="""Push, list, verify and pull releases of the model repository.

    A release is a set of files that never changes: configs, labels, each version's model, certificate and catalog.
    Its id is computed from its content; tags such as `live` point to releases.

    Exit code: 0 when all went well, 1 when the answer is no (damage found, releases differ, a push refused), 2 when
    it could not be done.
    """,
)


@app.command()
def push(
    store: options.Store,
    model_repository: options.Repository = Path("model_repository"),
    tag: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Point this tag to it; repeatable.")] = None,
    keep: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="Newest versions of each model.")] = 3,
    message: Annotated[str, typer.Option("--message", "-m", metavar="TEXT", help="What is new.")] = "",
    revision: Annotated[
        str | None,
        typer.Option(envvar="MODELS_REVISION", metavar="REV", help="Source revision; else git is asked."),
    ] = None,
    unproven: Annotated[
        bool, typer.Option("--unproven", help="Take versions whose certificate is missing or contradicted, too.")
    ] = False,
) -> None:
    """Make a release of a model repository, upload what the store lacks, and print the release's id."""
    raise NotImplementedError


@app.command("list")
def list_(store: options.Store, format_: options.OutputFormat = options.Format.TEXT) -> None:
    """List the releases of a store, the newest first."""
    raise NotImplementedError


@app.command()
def show(release: options.Reference, store: options.Store, format_: options.OutputFormat = options.Format.TEXT) -> None:
    """Show what a release holds and where it comes from."""
    raise NotImplementedError


@app.command()
def diff(
    old: options.Reference,
    new: options.Reference,
    store: options.Store,
    format_: options.OutputFormat = options.Format.TEXT,
) -> None:
    """Say which versions and configs differ between two releases. Exit code 1 when some do."""
    raise NotImplementedError


@app.command()
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
    raise NotImplementedError


@app.command()
def tag(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The tag.", show_default=False)],
    release: Annotated[
        str | None, typer.Argument(metavar="RELEASE", help="Where it is to point: an id, or another tag.")
    ] = None,
    *,
    store: options.Store,
    expect: Annotated[
        str | None, typer.Option(metavar="ID", help="Move it only if it points to this release now.")
    ] = None,
    delete: Annotated[bool, typer.Option("--delete", help="Take the tag away; the release stays.")] = False,
) -> None:
    """Point a tag to a release, and print from where to where: a roll-back is the same command with the old id."""
    raise NotImplementedError


@app.command()
def prune(
    store: options.Store,
    keep: Annotated[int, typer.Option(min=1, metavar="N", help="Newest releases to keep.")] = 10,
    older_than: Annotated[int, typer.Option(min=1, metavar="DAYS", help="Keep what is younger than this.")] = 30,
    protect: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Keep this release, say one that a pool pins; repeatable.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it, only say what would be deleted.")] = False,
) -> None:
    """Delete old releases that no tag points to, and files that no release uses; without --yes, only say which."""
    raise NotImplementedError


@app.command()
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
    raise NotImplementedError


@app.command()
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
    raise NotImplementedError
