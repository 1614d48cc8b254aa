"""`scoring models` as an operator runs it."""

import os
import subprocess
import sys
from pathlib import Path

SCORING = str(Path(sys.executable).with_name("scoring"))


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; values of the environment are added."""
    command = [SCORING, "models", *map(str, arguments)]
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=120, check=False
    )
