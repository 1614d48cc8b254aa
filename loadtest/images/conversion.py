"""Versions of the image model made for one run, in a repository of their own, as users make theirs."""

import subprocess
import sys
from pathlib import Path

from loadtest.errors import LoadTestError
from loadtest.images.plan import MODEL


def command(repository: Path, framework: str, weights: str, precision: str, *further: str) -> list[str]:
    """Return the command line of `scoring convert` that publishes in `repository`."""
    flags = ["--framework", framework, "--weights", weights, "--precision", precision, "--repository", str(repository)]
    return [str(Path(sys.executable).with_name("scoring")), "convert", MODEL, *flags, *further]


def convert(line: list[str], hint: str) -> None:
    """Run a command line. Raises LoadTestError with what it said, and the hint."""
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode:
        said = " ".join(done.stderr.split()[-80:])
        raise LoadTestError(f"scoring convert failed with exit code {done.returncode}: {said}", hint)
