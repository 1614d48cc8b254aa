"""The key file while it changes: replaced, swapped, broken, gone."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from gateway.access.key_watch import KeyWatch
from gateway.settings import Settings, SettingsError
from tests.gateway.access.conftest import complaints, document, entry

KEY = "rts_k3f9a2_" + "a" * 43
OTHER = "rts_k77777_" + "b" * 43
INTERVAL = 0.01


@asynccontextmanager
async def watching(path: Path) -> AsyncIterator[KeyWatch]:
    """Follow a key file, quickly."""
    watch = KeyWatch(Settings(keys_file=str(path)), INTERVAL)
    watch.start()
    try:
        yield watch
    finally:
        await watch.close()


def knows(watch: KeyWatch, text: str) -> bool:
    """Tell whether a key is known."""
    return watch.keys.client(text.encode()) is not None


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that comes soon."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  what is waited for happens in a thread
            await asyncio.sleep(INTERVAL)


def replace(path: Path, data: bytes) -> None:
    """Replace a file at once; the new one is as old as the one before."""
    new = path.with_suffix(".new")
    new.write_bytes(data)
    if path.exists():
        stamp = path.stat()
        os.utime(new, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    new.replace(path)


def spoil(path: Path, fault: str) -> None:
    """Do to a key file what must not be done to it."""
    path.unlink()
    match fault:
        case "broken":
            path.write_bytes(b'{"version": 1, "keys": [{"id": "k1", "sha256": "canary"}]}')
        case "folder":
            path.mkdir()
        case "huge":
            path.write_bytes(b"canary" * 200_000)


def repair(path: Path, data: bytes) -> None:
    """Put a good key file in its place."""
    if path.is_dir():
        path.rmdir()
    replace(path, data)


async def test_keys_come_and_go(key_file: Path) -> None:
    """A new key is known, a revoked one is not, soon after the file has changed; its mtime does not matter."""
    replace(key_file, document(entry(KEY)))
    async with watching(key_file) as watch:
        assert knows(watch, KEY)
        replace(key_file, document(entry(OTHER)))
        await until(lambda: knows(watch, OTHER))
        assert not knows(watch, KEY)


async def test_no_keys_are_a_state_too(key_file: Path) -> None:
    """When all keys are revoked, nobody gets in; a gateway may start like that."""
    replace(key_file, document(entry(KEY)))
    async with watching(key_file) as watch:
        replace(key_file, document())
        await until(lambda: not knows(watch, KEY))
    async with watching(key_file) as watch:
        replace(key_file, document(entry(KEY)))
        await until(lambda: knows(watch, KEY))


async def test_an_unchanged_file_is_not_parsed_again(key_file: Path) -> None:
    """As long as the file says the same, replaced or not, the keys are the very same."""
    replace(key_file, document(entry(KEY)))
    async with watching(key_file) as watch:
        keys = watch.keys
        replace(key_file, document(entry(KEY)))
        await asyncio.sleep(10 * INTERVAL)
        assert watch.keys is keys


def mount(folder: Path, name: str, data: bytes) -> None:
    """Mount a secret as Kubernetes does: files in a dated folder, and `..data` that leads to it, swapped at once."""
    (folder / name).mkdir()
    (folder / name / "keys.json").write_bytes(data)
    (folder / "..data_tmp").symlink_to(name)
    (folder / "..data_tmp").rename(folder / "..data")


async def test_a_mounted_secret(tmp_path: Path) -> None:
    """A secret that is swapped, and whose old folder is removed, is followed."""
    mount(tmp_path, "..2026_11_25", document(entry(KEY)))
    (tmp_path / "keys.json").symlink_to("..data/keys.json")
    async with watching(tmp_path / "keys.json") as watch:
        assert knows(watch, KEY)
        mount(tmp_path, "..2026_11_26", document(entry(OTHER)))
        shutil.rmtree(tmp_path / "..2026_11_25")
        await until(lambda: knows(watch, OTHER))
        assert not knows(watch, KEY)


@pytest.mark.parametrize("fault", ["broken", "gone", "folder", "huge"])
async def test_a_broken_file_leaves_the_keys(key_file: Path, caplog: pytest.LogCaptureFixture, fault: str) -> None:
    """A file that cannot be used changes nothing; it is logged once, without its contents, until it is good again."""
    replace(key_file, document(entry(KEY)))
    async with watching(key_file) as watch:
        spoil(key_file, fault)
        await until(lambda: bool(complaints(caplog)))
        await asyncio.sleep(10 * INTERVAL)
        assert knows(watch, KEY)
        repair(key_file, document(entry(OTHER)))
        await until(lambda: knows(watch, OTHER))
    (complaint,) = complaints(caplog)
    assert re.match("the key file: .*; the keys read before stay valid", complaint)
    assert "canary" not in caplog.text


async def test_a_fault_that_comes_back_is_logged_again(key_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each time that a file goes bad is one line."""
    replace(key_file, document(entry(KEY)))
    async with watching(key_file):
        for times in (1, 2):
            spoil(key_file, "gone")
            await until(lambda times=times: len(complaints(caplog)) == times)  # type: ignore[misc]  # bound now
            repair(key_file, document(entry(KEY)))
            await asyncio.sleep(10 * INTERVAL)
    assert len(complaints(caplog)) == 2


async def test_swaps_during_reads(tmp_path: Path) -> None:
    """However often the file is swapped while it is read, what is known is always one whole state of it."""
    states = [document(entry(KEY)), document(entry(KEY), entry(OTHER))]
    path = tmp_path / "keys.json"
    path.write_bytes(states[0])
    stop = Event()

    def swap() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            replace(path, states[number % 2])

    thread = Thread(target=swap)
    thread.start()
    seen = set()
    try:
        async with watching(path) as watch:
            for _ in range(50):
                await asyncio.sleep(INTERVAL)
                assert knows(watch, KEY)
                seen.add(knows(watch, OTHER))
    finally:
        stop.set()
        thread.join()
    assert seen == {True, False}


@pytest.mark.parametrize("data", [None, b"", b"{}", b"canary"])
def test_a_gateway_does_not_start_with_a_bad_file(key_file: Path, data: bytes | None) -> None:
    """At the start, a file that cannot be used is refused: the setting, what is wrong and what to do."""
    if data is not None:
        key_file.write_bytes(data)
    with pytest.raises(SettingsError, match=r"SCORING_KEYS_FILE='.*keys.json': .*scoring keys new") as caught:
        KeyWatch(Settings(keys_file=str(key_file)))
    assert "canary" not in str(caught.value)
