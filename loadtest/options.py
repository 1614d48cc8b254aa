"""Options that several benchmarks have."""

from pathlib import Path
from typing import Annotated

import typer

Repository = Annotated[
    Path, typer.Option("--model-repository", envvar="SCORING_MODEL_REPOSITORY", help="Folder with published models.")
]
Output = Annotated[
    Path, typer.Option(metavar="DIR", help="Folder for reports and plots; each benchmark has its own below it.")
]
Markdown = Annotated[
    bool, typer.Option("--markdown", help="Measure nothing: print the latest report as a Markdown table.")
]
REPOSITORY, OUTPUT = Path("model_repository"), Path("results/bench")
