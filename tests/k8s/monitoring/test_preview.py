"""Dashboards as pictures, where there is nothing to draw."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from k8s.monitoring.preview.__main__ import app


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--prometheus", "http://127.0.0.1:9"], "http://127.0.0.1:9 does not answer queries"),
        (["--prometheus", "nonsense"], "nonsense does not answer queries"),
        (["--dashboard", "nothing"], "there are scoring-"),
        (["--minutes", "-1"], "--minutes"),
    ],
)
def test_what_cannot_be_drawn_says_so(tmp_path: Path, arguments: list[str], words: str) -> None:
    """Exit code 2, what is wrong and what to do, and no picture."""
    result = CliRunner(env={"NO_COLOR": "1"}).invoke(app, [*arguments, "--target", str(tmp_path / "pictures")])
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert not (tmp_path / "pictures").exists()
