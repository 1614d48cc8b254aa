"""`scoring models` as an operator runs it."""

import sys
from pathlib import Path

from typer.testing import CliRunner, Result

from registry.commands import app

SCORING = str(Path(sys.executable).with_name("scoring"))


def run(*arguments: object, **environment: str) -> Result:
    """Run a command to its end, in this process; values of the environment are added."""
    return CliRunner().invoke(app, [*map(str, arguments)], env=environment)
