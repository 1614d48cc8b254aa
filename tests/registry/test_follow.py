"""Following a tag."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from registry import names, tags
from registry.errors import IntegrityError, NotFoundError
from registry.follow import LONGEST_WAIT, Followed, backoff, follow
from registry.selection import Selection
from registry.store import Store
from registry.target import Target
from tests.registry.models import MODEL, write_model
from tests.registry.releasing import Quiet, released


class _EndError(Exception):
    """The test has seen enough."""


@pytest.fixture
def followed(store: Store, tmp_path: Path) -> Followed:
    """What a gateway's sidecar follows."""
    selection = Selection(documents_only=True)
    return Followed(store, "live", Target(tmp_path / "target"), selection, 10.0, tmp_path / "ready")


def run(followed: Followed, *events: Callable[[], object]) -> tuple[Quiet, list[float]]:
    """Follow; between two looks something happens. Return what the journal was told, and the waits."""
    told, waits, left = Quiet(), list[float](), list(events)

    def pause(seconds: float) -> None:
        waits.append(seconds)
        if not left:
            raise _EndError
        left.pop(0)()

    with pytest.raises(_EndError):
        follow(followed, told, told, pause)
    return told, waits


def nothing() -> None:
    """Nothing happens."""


def test_every_push_arrives(followed: Followed, store: Store, repository: Path) -> None:
    """Each release that the tag points to becomes current, without weights, and a roll-back, too."""
    first = released(store, repository, ["live"])

    def second() -> None:
        write_model(repository, 3)
        released(store, repository, ["live"])

    told, waits = run(followed, second, nothing, lambda: tags.move(store, "live", first))
    assert told.switches[0] == told.switches[2] == f"{first}-documents"
    assert len(told.switches) == 3
    assert all(8 <= wait <= 12 for wait in waits)
    current = followed.target.folder / "current"
    assert (current / MODEL / "2" / "catalog.jsonl").exists()
    assert list(current.rglob("model.onnx")) == []


def test_errors_are_borne(followed: Followed, store: Store, repository: Path) -> None:
    """No tag yet, a damaged release, a bug: each is told, tried again less and less often, and got over."""
    released(store, repository, ["later"])
    release = "f" * 16

    def damaged() -> None:
        store.write(names.release_name(release), b"garbage", None)
        tags.move(store, "live", release)

    told, waits = run(
        followed,
        nothing,
        damaged,
        lambda: tags.move(store, "live", tags.read(store, "later")[0].release),
        nothing,
    )
    assert [type(error) for error in told.failures] == [NotFoundError, NotFoundError, IntegrityError]
    assert waits[0] < waits[1] < waits[2] < waits[3]
    assert (told.recoveries, len(told.switches)) == (1, 1)


def test_a_damaged_release_leaves_what_is_current(followed: Followed, store: Store, repository: Path) -> None:
    """What was good goes on being served when the tag moves to something that is not."""
    good = released(store, repository, ["live"])

    def damaged() -> None:
        store.write(names.release_name("f" * 16), b"garbage", None)
        tags.move(store, "live", "f" * 16)

    told, _ = run(followed, damaged, nothing)
    assert len(told.failures) == 2
    assert followed.target.current() == f"{good}-documents"


def test_a_bug_is_borne(followed: Followed) -> None:
    """Not even an exception that nobody thought of ends it."""

    class Broken:
        url = "broken"

        def __getattr__(self, name: str) -> object:
            raise RuntimeError(name)

    broken = Followed(Broken(), "live", followed.target, followed.selection, 10.0, None)  # type: ignore[arg-type]
    told, _ = run(broken, nothing)
    assert [type(error) for error in told.failures] == [RuntimeError, RuntimeError]


def test_waits_after_failures_are_bounded() -> None:
    """They double up to a minute, more or less, however long the store is away."""
    assert 0.8 <= backoff(0) <= 1.2
    assert backoff(5000) <= LONGEST_WAIT * 1.2


def test_ready_once_a_release_is_in_place(followed: Followed, store: Store, repository: Path, tmp_path: Path) -> None:
    """The file appears with the first release, not before."""
    ready = tmp_path / "ready"
    seen: list[bool] = []

    def look() -> None:
        seen.append(ready.exists())

    run(followed, look, lambda: released(store, repository, ["live"]), look)
    assert seen == [False, True]
    assert json.loads(ready.read_text())["current"] == followed.target.current()


def test_ready_with_what_is_there_already(followed: Followed, store: Store, repository: Path, tmp_path: Path) -> None:
    """A container that starts anew while the store is away is ready with the release that it finds."""
    released(store, repository, ["live"])
    run(followed)
    (tmp_path / "ready").unlink()
    (Path(store.url) / "tags").rename(Path(store.url) / "away")
    told, _ = run(followed)
    assert len(told.failures) == 1
    assert (tmp_path / "ready").exists()


def test_a_ready_file_that_cannot_be_written(
    followed: Followed, store: Store, repository: Path, tmp_path: Path
) -> None:
    """That is told like any other error; the release is current all the same."""
    release = released(store, repository, ["live"])
    elsewhere = Followed(store, "live", followed.target, followed.selection, 10.0, tmp_path / "none" / "ready")
    told, _ = run(elsewhere)
    assert "No such file" in str(told.failures[0])
    assert followed.target.current() == f"{release}-documents"
