"""What every store does, in a folder and in Azure Blob Storage."""

from collections.abc import Iterator
from threading import Barrier, Thread

import pytest

from registry.errors import ConflictError, IntegrityError, NotFoundError
from registry.store import CHUNK, Store

LARGE = bytes(range(256)) * (CHUNK // 128)  # two pieces


def test_a_content_comes_back(any_store: Store) -> None:
    """What was put is read by pieces, each no larger than agreed; an empty content is one, too."""
    for name, content in (("files/large", LARGE), ("files/small", b"x"), ("files/empty", b"")):
        any_store.put(name, [content[:CHUNK], content[CHUNK:]] if content else [])
        pieces = list(any_store.chunks(name, len(content)))
        assert b"".join(pieces) == content
        assert all(0 < len(piece) <= CHUNK for piece in pieces)
    assert {entry.name: entry.size for entry in any_store.entries("files/")} == {
        "files/empty": 0,
        "files/large": len(LARGE),
        "files/small": 1,
    }


def test_a_content_that_breaks_off_is_not_there(any_store: Store) -> None:
    """When its source fails, neither the content nor a part of it is kept."""

    def broken() -> Iterator[bytes]:
        yield b"beginning"
        raise IntegrityError("not the file", "hint")

    with pytest.raises(IntegrityError):
        any_store.put("files/broken", broken())
    assert [entry for prefix in ("files/", "partial/") for entry in any_store.entries(prefix)] == []


def test_the_first_content_stays(any_store: Store) -> None:
    """Putting under a name that is taken changes nothing and is no error."""
    any_store.put("files/a", [b"first"])
    any_store.put("files/a", [b"second"])
    assert b"".join(any_store.chunks("files/a", 5)) == b"first"


def test_what_is_missing(any_store: Store) -> None:
    """Reading what is not there says so; touching it says None."""
    with pytest.raises(NotFoundError, match=r"releases/none\.json is missing"):
        any_store.read("releases/none.json", 100)
    with pytest.raises(NotFoundError):
        list(any_store.chunks("files/none", 3))
    assert any_store.touch("files/none") is None


def test_sizes_are_held_against_what_was_announced(any_store: Store) -> None:
    """A content larger than allowed, or of another size than its release says, is not even begun."""
    any_store.put("files/a", [b"12345"])
    for size in (4, 6):
        with pytest.raises(IntegrityError):
            next(any_store.chunks("files/a", size))
    any_store.write("releases/a.json", b"12345", None)
    with pytest.raises(IntegrityError):
        any_store.read("releases/a.json", 4)
    assert any_store.read("releases/a.json", 5).content == b"12345"


def test_writing_needs_the_state_that_was_read(any_store: Store) -> None:
    """A document is replaced by who has read it as it is, and made by who knows that there is none."""
    any_store.write("tags/live", b"1", None)
    read = any_store.read("tags/live", 10)
    with pytest.raises(ConflictError):
        any_store.write("tags/live", b"2", None)
    any_store.write("tags/live", b"3", read.state)
    with pytest.raises(ConflictError):
        any_store.write("tags/live", b"4", read.state)
    assert any_store.read("tags/live", 10).content == b"3"


def test_of_many_writers_one_wins(any_store: Store) -> None:
    """Several that replace the same state at once: one does, the others are told."""
    any_store.write("tags/live", b"0", None)
    state, outcomes, start = any_store.read("tags/live", 10).state, [], Barrier(4)

    def write(number: int) -> None:
        start.wait()
        try:
            any_store.write("tags/live", b"%d" % number, state)
            outcomes.append(number)
        except ConflictError:
            outcomes.append(0)

    threads = [Thread(target=write, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[:3] == [0, 0, 0]
    assert any_store.read("tags/live", 10).content == b"%d" % max(outcomes)


def test_what_was_touched_is_not_deleted(any_store: Store) -> None:
    """Deleting takes only what is still as it was listed; a touch tells the size."""
    any_store.put("files/a", [b"123"])
    (listed,) = any_store.entries("files/")
    assert any_store.touch("files/a") == 3
    assert not any_store.delete(listed)
    (again,) = any_store.entries("files/")
    assert any_store.delete(again)
    assert not any_store.delete(again)
    assert list(any_store.entries("files/")) == []
