"""Releases as tables for people, and as JSON for programs."""

from collections.abc import Sequence
from typing import Any

import msgspec
from rich.table import Table

from registry import names
from registry.catalog import Catalog
from registry.compare import Difference
from registry.console import megabytes, stdout
from registry.release import Release

_SECONDS = len("2026-11-28T18:30:02")


def as_json(content: Any) -> str:
    """Return what `--format json` prints."""
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode()


def summaries(found: Catalog) -> list[dict[str, Any]]:
    """Return what `list --format json` says of each release."""
    return [
        {
            "id": release.id,
            "created": release.origin.created,
            "tags": found.tags_of(release.id),
            "models": release.versions,
            "bytes": release.size,
            "message": release.origin.message,
        }
        for release in found.releases
    ]


def show_list(found: Catalog) -> None:
    """Print a line for each release."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("id", no_wrap=True)
    table.add_column("created", no_wrap=True)
    table.add_column("tags")
    table.add_column("models and versions")
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("message")
    for release in found.releases:
        origin, tags = release.origin, ", ".join(found.tags_of(release.id))
        table.add_row(
            release.id, origin.created[:_SECONDS], tags, _models(release), megabytes(release.size), origin.message
        )
    stdout().print(table)


def show_release(release: Release, tags: Sequence[str]) -> None:
    """Print where a release comes from, and its files."""
    origin = release.origin
    facts = {
        "id": release.id,
        "tags": ", ".join(tags),
        "created": f"{origin.created} by {origin.by}",
        "message": origin.message,
        "revision": origin.revision,
        "models": _models(release),
        "size": megabytes(release.size),
    }
    for version, libraries in origin.libraries.items():
        facts[version] = ", ".join(f"{name} {number}" for name, number in libraries.items())
    _print_facts(facts)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("file", "for", "bytes", "SHA-256"):
        table.add_column(name, justify="right" if name == "bytes" else "left", no_wrap=name in {"bytes", "for"})
    for file in release.files:
        table.add_row(file.path, names.part(file.path), f"{file.size:,}", file.sha256[: names.ID_DIGITS])
    stdout().print(table)


def show_differences(found: Sequence[Difference]) -> None:
    """Print a line for each difference, and the files behind it."""
    for difference in found:
        stdout().print(f"{difference.model}: {difference.what} {difference.state}", soft_wrap=True)
        for path in difference.files:
            stdout().print(f"  {path}", soft_wrap=True)


def _print_facts(facts: dict[str, str]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for name, value in facts.items():
        if value:
            table.add_row(name, value)
    stdout().print(table)


def _models(release: Release) -> str:
    return ", ".join(f"{model} {'+'.join(map(str, versions))}" for model, versions in release.versions.items())
