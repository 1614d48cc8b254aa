"""The private folder that one run of Triton lives in, and what a run leaves in /dev/shm.

Triton refuses a backend library that is a link out of its folder, so the three parts of the Python backend are
copied (3 MB). Folder and shared-memory files carry one name, and the folder is locked while its owner lives: what
a killed run left behind is recognised by its free lock and removed by the next run.
"""

import fcntl
import shutil
import tempfile
from pathlib import Path
from typing import IO

from standalone.errors import SetupError
from standalone.repository import SHELL_SAFE
from standalone.wheel import Wheel

NAME_PREFIX = "scoring-triton-"
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  where POSIX shared memory lives on Linux, shm_overview(7)
_BACKENDS = Path(__file__).parent / "backends"


class RunFolder:
    """A temporary folder with everything one Triton needs; removed by `remove`."""

    def __init__(self) -> None:
        _check_shell_safe(tempfile.gettempdir())
        # Locked before it takes the name that `remove_leftovers` looks for.
        hidden = Path(tempfile.mkdtemp(prefix="." + NAME_PREFIX))
        self._lock = _lock(hidden)
        self.path = hidden.rename(hidden.with_name(hidden.name[1:]))
        self.backends = self.path / "backends"
        self.shared_modules = self.backends / "common"
        self.libraries = self.path / "lib"
        self.models = self.path / "models"

    @property
    def shared_memory_prefix(self) -> str:
        """What the names of this run's shared-memory files start with."""
        return self.path.name + "-"

    def fill(self, wheel: Wheel, repository: Path, models: tuple[str, ...]) -> None:
        """Lay out the backends, libpython alone in a folder, and links to the models that can be served."""
        python = self.backends / "python"
        python.mkdir(parents=True)
        for part in (wheel.backend, wheel.backend_helpers, wheel.stub):
            shutil.copy2(part, python)
        shutil.copytree(_BACKENDS, self.backends, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        # Its own folder may hold other libraries (conda's does) that must not take the place of Triton's.
        self.libraries.mkdir()
        (self.libraries / wheel.libpython.name).symlink_to(wheel.libpython)
        self.models.mkdir()
        for model in models:
            (self.models / model).symlink_to(repository / model)

    def remove_shared_memory(self) -> None:
        """Delete what a stub that was killed could not delete itself."""
        _remove_shared_memory(self.path.name)

    def remove(self) -> None:
        """Delete the folder and the shared memory; harmless when it is gone already."""
        self.remove_shared_memory()
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def remove_leftovers() -> None:
    """Delete the folders and shared memory of runs whose process was killed before it could."""
    for path in Path(tempfile.gettempdir()).glob(NAME_PREFIX + "*"):
        try:
            lock = _lock(path)
        except OSError:  # its owner lives, or it belongs to another user
            continue
        _remove_shared_memory(path.name)
        shutil.rmtree(path, ignore_errors=True)
        lock.close()


def _check_shell_safe(folder: str) -> None:
    if not SHELL_SAFE.fullmatch(folder):
        raise SetupError(
            f"Triton cannot work in the temporary folder {folder!r}: only letters, digits and ./_- may be in its name",
            "set the environment variable TMPDIR to another folder",
        )


def _lock(folder: Path) -> IO[str]:
    lock = (folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise
    return lock


def _remove_shared_memory(run_name: str) -> None:
    for region in SHARED_MEMORY.glob("*"):
        if region.name.startswith(run_name + "-"):
            region.unlink(missing_ok=True)
