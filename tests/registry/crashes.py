"""Kills itself with SIGKILL before each change of files in turn, and says what was left each time.

python -m tests.registry.crashes pull|push STORE REPOSITORY TARGET   prints the number of crashes, or what went wrong

The interpreter's audit events (docs.python.org/3/library/audit_events.html) name the changes: opening to write,
renaming, linking, removing, changing modes and times, locking.
"""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

from registry import catalog
from registry.folder_store import FolderStore
from registry.verify import verify_folder, verify_store
from tests.registry.releasing import pulled, released

_CHANGES = {
    f"os.{name}" for name in ("chmod", "link", "mkdir", "remove", "rename", "rmdir", "symlink", "truncate", "utime")
}
_CHANGES |= {"fcntl.flock"}
_MOST = 2000


def _killed_before(operation: int, work: Callable[[], object]) -> bool:
    """Run in a child that dies before its n-th operation; tell whether it did."""
    child = os.fork()
    if child == 0:
        numbers = count()

        def audit(event: str, arguments: tuple[object, ...]) -> None:
            if (event in _CHANGES or _writes(event, arguments)) and next(numbers) == operation:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(audit)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        sys.exit(f"operation {operation}: the child failed by itself")
    return os.WIFSIGNALED(status)


def _writes(event: str, arguments: tuple[object, ...]) -> bool:
    return event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))


def crash_pulls(store: FolderStore, target: Path) -> int:
    """Crash while the second of two releases is pulled over the first, then pull again."""
    second, first = (release.id for release in catalog.load_all(store).releases)
    for operation in range(_MOST):
        shutil.rmtree(target, ignore_errors=True)
        pulled(store, first, target)
        killed = _killed_before(operation, lambda: pulled(store, second, target))
        left = (target / "current").readlink().name
        faults = verify_folder(target / "current", lambda _: None).faults
        if left not in {first, second} or faults:
            sys.exit(f"operation {operation}: current is {left}, {faults}")
        pulled(store, second, target)
        names = sorted(path.name for path in target.iterdir())
        if names != sorted([".lock", "current", second]) or verify_folder(target / "current", lambda _: None).faults:
            sys.exit(f"operation {operation}: after the next pull there is {names}")
        if not killed:
            return operation
    sys.exit("it never came to its end")


def crash_pushes(repository: Path) -> int:
    """Crash while a repository is pushed into an empty store, then push again."""
    for operation in range(_MOST):
        with tempfile.TemporaryDirectory(dir=repository.parent) as folder:
            store = FolderStore(Path(folder) / "store")
            killed = _killed_before(operation, lambda: released(store, repository, ["live"]))  # noqa: B023 - used at once
            if Path(store.url).exists() and (faults := verify_store(store, None, lambda _: None).faults):
                sys.exit(f"operation {operation}: {faults}")
            release = released(store, repository, ["live"])
            verdict = verify_store(store, "live", lambda _: None)
            if (verdict.releases, verdict.faults) != (1, []) or catalog.resolve(store, "live") != release:
                sys.exit(f"operation {operation}: after the next push {verdict}")
        if not killed:
            return operation
    sys.exit("it never came to its end")


if __name__ == "__main__":
    what, store_, repository_, target_ = sys.argv[1:]
    os.fsync = lambda fd: None  # a killed process loses nothing that the kernel has; a power cut is not tried here
    crashes = (
        crash_pulls(FolderStore(Path(store_)), Path(target_)) if what == "pull" else crash_pushes(Path(repository_))
    )
    print(crashes)
