"""Commands that write to a store: push, tag, prune."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from registry import catalog, certificate, names, options, repository
from registry import prune as retention
from registry import push as uploading
from registry import tags as tagging
from registry.console import counted, failures_reported, megabytes, progress_shown, say
from registry.errors import NotFoundError, RefusedError
from registry.origin import origin
from registry.release import Release
from registry.store import Store, open_store


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
    with failures_reported("push"), progress_shown("push") as transfer:
        where = open_store(store, dict(os.environ))
        tags = [tagging.checked(name) for name in tag or []]
        files = repository.files(model_repository, keep)
        made = Release(files, origin(model_repository, files, message, revision))
        _refuse_unfit(model_repository, made, where, unproven=unproven)
        transfer.expect(made.size)
        pushed = uploading.push(where, model_repository, made, transfer.advanced)
        say(
            f"{'pushed' if pushed.new else 'there already'}: {megabytes(pushed.uploaded)} uploaded, "
            f"{megabytes(pushed.present)} there already"
        )
        for name in tags:
            _move(where, name, made.id, None)
    typer.echo(made.id)


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
    if (release is None) != delete:
        raise typer.BadParameter("name a release to point the tag to, or --delete")
    with failures_reported("tag"):
        where = open_store(store, dict(os.environ))
        if release is None:
            old = tagging.delete(where, tagging.checked(name))
            say(f"{name}: {old} -> nothing\n  to put it back: scoring models tag {name} {old}")
        else:
            _move(where, tagging.checked(name), catalog.find(where, release).id, expect)


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
    with failures_reported("prune"):
        where = open_store(store, dict(os.environ))
        protected = {catalog.find(where, each).id for each in protect or []}
        waste = retention.find(where, keep, timedelta(days=older_than), protected)
        waste = retention.delete(where, waste) if yes else waste
    for release in waste.releases:
        typer.echo(release.id)
    done = "deleted" if yes else "to delete with --yes"
    releases, unused = counted(len(waste.releases), "release"), counted(len(waste.files), "unused file")
    say(f"{done}: {releases}, {unused}, {megabytes(waste.size)}")


def _refuse_unfit(folder: Path, release: Release, store: Store, *, unproven: bool) -> None:
    faults = certificate.faults(folder, release)
    for fault in faults:
        say(f"{'warning: ' if unproven else ''}{fault}")
    if faults and not unproven:
        raise RefusedError(
            f"{len(faults)} faults of versions that are to be released",
            "publish them again: scoring convert; or push them all the same: --unproven",
        )
    uploading.refuse_other_content(store, release)


def _move(store: Store, name: str, release: str, expect: str | None) -> None:
    if store.touch(names.release_name(release)) is None:  # marks it as used, so that no pruning takes it away
        raise NotFoundError(f"{store.url} holds no release {release}", f"scoring models list --store {store.url}")
    old = tagging.move(store, name, release, expect)
    if old == release:
        say(f"{name}: {release}, as before")
        return
    back = f"\n  to go back: scoring models tag {name} {old}" if old else ""
    say(f"{name}: {old or 'nothing'} -> {release}{back}")
