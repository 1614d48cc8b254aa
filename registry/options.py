"""What the commands of `scoring models` are told: options that several share, and the formats of what they print."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """What the output is for."""

    TEXT = "text"
    JSON = "json"


Store = Annotated[
    str,
    typer.Option(
        envvar="MODELS_STORE",
        metavar="STORE",
        help="Where releases are kept: a folder, or https://ACCOUNT.blob.core.windows.net/CONTAINER.",
    ),
]
Repository = Annotated[Path, typer.Option(metavar="DIR", help="Folder with the models that Triton serves.")]
Reference = Annotated[str, typer.Argument(metavar="RELEASE", help="A release's id, or a tag.", show_default=False)]
Release = Annotated[
    str, typer.Option(envvar="MODELS_RELEASE", metavar="ID|TAG", help="The release: an id (pinned), or a tag.")
]
Target = Annotated[
    Path,
    typer.Option(
        envvar="MODELS_TARGET", metavar="DIR", help="Folder for releases; its link `current` is what to serve."
    ),
]
Versions = Annotated[
    int | None,
    typer.Option(
        min=1, max=1000, metavar="N", help="Only the N newest versions of each model; else all of the release."
    ),
]
OutputFormat = Annotated[Format, typer.Option("--format", help="For people or for programs.")]
