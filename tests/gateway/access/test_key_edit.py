"""Changing the key file."""

import multiprocessing
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.access import key, key_edit
from gateway.access.key_file import MOST_BYTES, ClientEntry, KeyEntry, KeyFile, KeyFileError
from tests.gateway.access.conftest import document, entry

KEY = "rts_k3f9a2_" + "a" * 43


def made(key_id: str, client: str = "web") -> KeyEntry:
    """Return an entry of a new key."""
    return KeyEntry(key_id, client, key.digest(key_id.encode()).hex(), ["faq"], datetime(2026, 11, 25, tzinfo=UTC))


def add(path: Path, key_id: str, quota: ClientEntry | None = None, client: str = "web") -> None:
    """Add a key."""
    with key_edit.editing(path) as draft:
        draft.add(made(key_id, client), quota or ClientEntry())


def test_a_file_is_made_for_its_owner_alone(key_file: Path) -> None:
    """The first key makes the file; nobody else may read it, and nothing else is left in the folder."""
    add(key_file, "k1")
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [key.id for key in key_edit.read(key_file).keys] == ["k1"]
    assert list(key_file.parent.iterdir()) == [key_file]


def test_who_could_read_it_still_can(key_file: Path) -> None:
    """A change keeps mode, owner and group of the file: the gateway may run as another user."""
    key_file.write_bytes(document())
    key_file.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(key_file, 1234, 1235)
    before = key_file.stat()
    add(key_file, "k1")
    after = key_file.stat()
    assert before.st_ino != after.st_ino
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


def test_a_link_stays_a_link(key_file: Path, tmp_path: Path) -> None:
    """A key file that is a symbolic link is changed where it lies."""
    (tmp_path / "elsewhere").mkdir()
    key_file.symlink_to("elsewhere/real.json")
    add(key_file, "k1")
    assert key_file.is_symlink()
    assert key_edit.read(tmp_path / "elsewhere" / "real.json").keys == [made("k1")]


def test_limits_that_are_not_named_stay() -> None:
    """A client's further key changes of its quota what is named; 0 is a name, too."""
    draft = key_edit.Draft(KeyFile())
    draft.add(made("k1"), ClientEntry(10, 20, 30))
    draft.add(made("k2"), ClientEntry(rate=0))
    draft.add(made("k3"), ClientEntry(concurrent=3))
    assert draft.clients == {"web": ClientEntry(0, 20, 3)}


def test_revoking() -> None:
    """A revoked key is gone and its client keeps its quota; a revoked client is gone with all its keys."""
    draft = key_edit.Draft(KeyFile())
    for key_id, client in (("k1", "web"), ("k2", "web"), ("k3", "batch"), ("k4", "web")):
        draft.add(made(key_id, client), ClientEntry(5))
    assert draft.revoke("k1") == [made("k1")]
    assert draft.revoke("k1") == []
    assert set(draft.content().clients) == {"web", "batch"}
    assert draft.revoke_client("web") == [made("k2"), made("k4")]
    assert (draft.keys, draft.clients) == ([made("k3", "batch")], {"batch": ClientEntry(5)})


def _add_many(path: Path, start: int) -> None:
    for number in range(start, start + 25):
        add(path, f"k{number}")


def test_two_writers(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that change the file at the same time lose nothing of each other's, and readers see whole files."""
    monkeypatch.syspath_prepend(Path(__file__).parents[3])  # where they find this module
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_add_many, args=(key_file, start)) for start in (0, 100, 200)]
    for writer in writers:
        writer.start()
    reads = 0
    while any(writer.is_alive() for writer in writers):
        if key_file.exists():
            key_edit.read(key_file)
            reads += 1
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert len(key_edit.read(key_file).keys) == 75
    assert reads > 0


def _clear_and_fail(path: Path) -> None:
    with key_edit.editing(path) as draft:
        draft.keys.clear()
        raise ZeroDivisionError


def test_a_change_that_fails_changes_nothing(key_file: Path) -> None:
    """An error on the way, and a result that could not be read again, leave the file and the folder as they were."""
    add(key_file, "k1")
    before = key_file.read_bytes()
    with pytest.raises(ZeroDivisionError):
        _clear_and_fail(key_file)
    with pytest.raises(KeyFileError, match="two keys have the same id"):
        add(key_file, "k1")
    assert key_file.read_bytes() == before
    assert list(key_file.parent.iterdir()) == [key_file]


def test_too_many_keys(key_file: Path) -> None:
    """A file that the gateway would not read is not written."""
    many = [entry(KEY, id=f"k{number}", sha256=f"{number:064x}") for number in range(4500)]
    key_file.write_bytes(document(*many))
    assert key_file.stat().st_size < MOST_BYTES
    with pytest.raises(KeyFileError, match="would have more than 1048576 bytes; revoke keys"):
        add(key_file, "new")


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder that is missing, a file that is broken and a file in place of the folder are told apart."""
    (tmp_path / "broken.json").write_text("canary")
    for path, fault in (
        (tmp_path / "missing" / "keys.json", "cannot be written: No such file or directory"),
        (tmp_path / "broken.json" / "keys.json", "cannot be written: Not a directory"),
        (tmp_path / "broken.json", "is not JSON at line 1, column 1"),
        (Path("/proc/keys.json"), "cannot be written: "),
    ):
        with pytest.raises(KeyFileError, match=fault):
            add(path, "k1")
