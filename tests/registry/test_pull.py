"""From a store into a folder."""

import os
import shutil
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from registry import names
from registry.errors import IntegrityError, NotFoundError, TargetError
from registry.release import File, Release, encode
from registry.store import Store
from registry.verify import verify_folder
from tests.registry.models import MODEL, tree, write_model
from tests.registry.releasing import Quiet, pulled, release_of, released


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where to pull to."""
    return tmp_path / "target"


def test_what_was_pushed_comes_back(store: Store, repository: Path, target: Path) -> None:
    """A pull by tag with everything in it gives the model repository, byte by byte."""
    release = released(store, repository, ["live"])
    watcher = Quiet()
    assert pulled(store, "live", target, watcher, training=True).folder == f"{release}-training"
    assert tree(target / "current") == tree(repository)
    assert watcher.downloaded == release_of(repository).size
    assert verify_folder(target / "current", lambda _: None).faults == []


def test_parts_of_a_release(store: Store, repository: Path, target: Path) -> None:
    """Triton needs no training data, a gateway no weights, and neither needs older versions than it asks for."""
    release = released(store, repository)
    whole = tree(repository)
    served = {path: content for path, content in whole.items() if not path.endswith(".skops")}
    documents = {path: content for path, content in served.items() if not path.endswith(".onnx")}
    pulled(store, release, target)
    assert tree(target / "current") == served
    pulled(store, release, target, documents_only=True)
    assert tree(target / "current") == documents
    pulled(store, release, target, versions=1)
    assert tree(target / "current") == {path: served[path] for path in served if not path.startswith(f"{MODEL}/1/")}


def test_a_release_that_is_there_is_not_pulled_again(store: Store, repository: Path, target: Path) -> None:
    """A pull of what is current changes nothing."""
    release = released(store, repository)
    first = pulled(store, release, target)
    (again := Quiet()).missing.clear()
    second = pulled(store, release, target, again)
    assert (first.previous, second.previous, second.downloaded, again.missing) == (None, release, 0, [])


def test_the_next_release_costs_what_is_new(store: Store, repository: Path, target: Path) -> None:
    """Files that the release before has, too, are the same files on the disk; then the older release goes."""
    pulled(store, released(store, repository), target)
    kept = (target / "current" / MODEL / "1" / "model.onnx").stat().st_ino
    write_model(repository, 3, weights=7000)
    watcher, release = Quiet(), released(store, repository)
    pulled(store, release, target, watcher)
    assert 7000 < watcher.downloaded < 9000
    assert (target / "current" / MODEL / "1" / "model.onnx").stat().st_ino == kept
    assert sorted(path.name for path in target.iterdir()) == sorted([".lock", release, "current"])


def test_a_file_that_was_changed_here_is_not_used(store: Store, repository: Path, target: Path) -> None:
    """What somebody wrote into a pulled release does not come into the next one."""
    pulled(store, released(store, repository), target)
    changed = target / "current" / MODEL / "1" / "model.onnx"
    changed.write_bytes(b"x" * changed.stat().st_size)
    write_model(repository, 3)
    pulled(store, released(store, repository), target)
    assert (target / "current" / MODEL / "1" / "model.onnx").read_bytes() == bytes([1]) * 3000


def test_a_server_keeps_what_it_has_opened(store: Store, repository: Path, target: Path) -> None:
    """A file of the older release that is open stays readable after the switch."""
    pulled(store, released(store, repository), target)
    with (target / "current" / MODEL / "1" / "model.onnx").open("rb") as opened:
        write_model(repository, 3)
        shutil.rmtree(repository / MODEL / "1")
        pulled(store, released(store, repository), target)
        assert not (target / "current" / MODEL / "1").exists()
        assert opened.read() == bytes([1]) * 3000


def test_a_damaged_file_stops_the_pull(store: Store, repository: Path, target: Path) -> None:
    """A file whose SHA-256 is another one never becomes visible; what was current stays so."""
    old = released(store, repository)
    pulled(store, old, target)
    write_model(repository, 3)
    damaged = next(file for file in release_of(repository).files if file.path.endswith("3/model.onnx"))
    store.put(names.file_name(damaged.sha256), [b"y" * damaged.size])
    release = released(store, repository)
    with pytest.raises(IntegrityError, match=r"3/model\.onnx is not the file"):
        pulled(store, release, target)
    assert (target / "current").readlink() == Path(old)
    assert not (target / release).exists()


def test_an_attempt_that_failed_is_gone_on_with(store: Store, repository: Path, target: Path) -> None:
    """What was downloaded before a failure is not downloaded again."""
    release = release_of(repository)
    released(store, repository)
    lost = next(entry for entry in store.entries("files/") if entry.size == 3000)
    content = b"".join(store.chunks(lost.name, lost.size))
    store.delete(lost)
    with pytest.raises(NotFoundError):
        pulled(store, release.id, target)
    store.put(lost.name, [content])
    watcher = Quiet()
    pulled(store, release.id, target, watcher)
    assert 3000 <= watcher.downloaded < release.size
    assert verify_folder(target / "current", lambda _: None).faults == []


def test_pulls_into_one_folder_take_turns(store: Store, repository: Path, target: Path) -> None:
    """Several at once, of two releases: each ends well, and a whole release is current."""
    first = released(store, repository)
    write_model(repository, 3)
    second = released(store, repository)
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda number: pulled(store, (first, second)[number % 2], target), range(6)))
    assert {each.release for each in done} == {first, second}
    assert verify_folder(target / "current", lambda _: None).faults == []
    assert len([path for path in target.iterdir() if path.name in {first, second}]) == 1


def test_everyone_may_read(store: Store, repository: Path, target: Path) -> None:
    """Whatever the umask, another user of the volume can read all files and pass all folders."""
    release = released(store, repository)
    target.mkdir()
    before = os.umask(0o077)
    try:
        pulled(store, release, target)
    finally:
        os.umask(before)
    for path in (target / release).rglob("*"):
        wanted = 0o755 if path.is_dir() else 0o644
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


def test_only_what_is_ours_is_swept(store: Store, repository: Path, target: Path) -> None:
    """Older releases and left-overs go; what somebody else put there stays."""
    target.mkdir()
    (target / "0123456789abcdef" / "m").mkdir(parents=True)
    (target / ".staging-0123456789abcdef").mkdir()
    (target / ".current-0123").symlink_to("nowhere")
    (target / "lost+found").mkdir()
    (target / "deadbeef").write_text("mine")
    release = released(store, repository)
    pulled(store, release, target)
    assert {path.name for path in target.iterdir()} == {".lock", "current", "deadbeef", "lost+found", release}


def test_current_is_a_link_or_nothing(store: Store, repository: Path, target: Path) -> None:
    """A folder of that name is not ours to replace."""
    (target / "current").mkdir(parents=True)
    with pytest.raises(TargetError, match="is no link"):
        pulled(store, released(store, repository), target)


def test_a_release_that_cannot_fit_is_not_begun(store: Store, tmp_path: Path, target: Path) -> None:
    """More bytes than the disk has: the error says how many are needed and free."""
    size = 64 << 30
    files = tuple(File(f"{MODEL}/1/{number}.bin", size, f"{number:064x}") for number in range(8))
    if shutil.disk_usage(tmp_path).free >= 8 * size:
        pytest.skip("this disk has room for any release")
    release = Release(files)
    store.write(names.release_name(release.id), encode(release), None)
    with pytest.raises(TargetError, match=f"no room: {8 * size:,} bytes are needed"):
        pulled(store, release.id, target)


def test_a_disk_that_becomes_full(repository: Path, tmp_path: Path) -> None:
    """Without room for files in the middle of it, the pull says so in one line, and nothing is current."""
    from registry.store import open_store

    store, target = tmp_path / "store", tmp_path / "target"
    release = released(open_store(str(store), {}), repository)
    target.mkdir()
    command = f'mount -t tmpfs -o size=100m,nr_inodes=12 tmpfs {target} && shift && exec "$@"'
    unshare = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", command, "sh", "-"]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        pytest.skip("a mount namespace is not allowed here")
    scoring = Path(os.sys.executable).with_name("scoring")  # type: ignore[attr-defined]
    pull = [str(scoring), "models", "pull", "--store", str(store), "--release", release, "--target", str(target)]
    script = ["sh", "-c", '"$@"; echo "exit code $?"; ls -A ' + str(target), "sh", *pull]
    done = subprocess.run([*unshare, *script], capture_output=True, text=True, check=True)
    assert f"the disk of {target} has no room" in done.stderr
    assert "sizeLimit" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines()[0] == "exit code 2"
    assert "current" not in done.stdout


def test_a_folder_that_cannot_be_written(store: Store, repository: Path, tmp_path: Path) -> None:
    """What the file system says is passed on, with the path."""
    release = released(store, repository)
    (tmp_path / "file").write_text("")
    with pytest.raises(TargetError, match=r"file.*Not a directory"):
        pulled(store, release, tmp_path / "file" / "target")
