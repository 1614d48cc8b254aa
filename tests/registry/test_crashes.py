"""A process that is killed, at any moment, leaves what can be used."""

import subprocess
import sys
from pathlib import Path

from registry.store import Store
from tests.registry.models import write_model
from tests.registry.releasing import released

ROOT = Path(__file__).parents[2]


def crash(what: str, *paths: Path) -> int:
    """Kill a process before each of its changes of files in turn; return how many times."""
    command = [sys.executable, "-m", "tests.registry.crashes", what, *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_a_pull_that_is_killed(store: Store, tmp_path: Path) -> None:
    """`current` is a whole release, the older or the newer one, and the next pull ends well and tidies up."""
    repository = tmp_path / "small"
    write_model(repository, 1)
    released(store, repository)
    write_model(repository, 2)
    released(store, repository, keep=1)
    assert crash("pull", Path(store.url), repository, tmp_path / "target") > 50


def test_a_push_that_is_killed(store: Store, tmp_path: Path) -> None:
    """The store holds whole releases alone, a tag points to one that is there, and the next push ends well."""
    repository = tmp_path / "small"
    write_model(repository, 1)
    assert crash("push", Path(store.url), repository, tmp_path / "target") > 50
