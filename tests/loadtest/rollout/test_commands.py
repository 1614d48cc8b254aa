"""`scoring bench rollout` as a user types it."""

from pathlib import Path

from typer.testing import CliRunner

from loadtest.commands import app


def test_manifests_that_are_missing_start_nothing(tmp_path: Path) -> None:
    """Exit code 2, and what makes them."""
    words = ["rollout", "--manifests", str(tmp_path / "absent.yaml"), "--output", str(tmp_path)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "absent.yaml" in done.stderr
    assert "make render" in done.stderr
