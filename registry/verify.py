"""Reading all files of a store or of a pulled folder, and comparing them with what their releases say."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from registry import catalog, content, names
from registry.catalog import Catalog
from registry.errors import IntegrityError, NotFoundError, RegistryError
from registry.parallel import for_each
from registry.release import File, Release
from registry.store import Store
from registry.target import RECEIPT, Receipt


@dataclass
class Verdict:
    """What was read, in files and bytes, and what is wrong, a line each."""

    releases: int = 0
    files: int = 0
    size: int = 0
    faults: list[str] = field(default_factory=list)


def verify_store(store: Store, reference: str | None, on_bytes: Callable[[int], None]) -> Verdict:
    """Check one release of a store, or all of them and all tags. Raises RegistryError when nothing can be checked."""
    verdict = Verdict()
    releases = [catalog.find(store, reference)] if reference else _all(catalog.load_all(store), verdict)
    users: dict[File, list[str]] = {}
    for release in releases:
        for file in release.files:
            users.setdefault(msgspec.structs.replace(file, path=""), []).append(f"{release.id}: {file.path}")

    def check(file: File, advance: Callable[[int], None]) -> None:
        fault = _fault(store, file, advance)
        verdict.faults.extend(f"{user} {fault}" for user in users[file] if fault)

    for_each(users, check, on_bytes)
    verdict.releases, verdict.files = len(releases), len(users)
    verdict.size = sum(file.size for file in users)
    verdict.faults.sort()
    return verdict


def verify_folder(folder: Path, on_bytes: Callable[[int], None]) -> Verdict:
    """Check a pulled release. Raises RegistryError when the folder is none."""
    receipt = _receipt(folder)
    wanted = {file.path: file for file in receipt.selection.of(receipt.release)}
    verdict = Verdict(1, len(wanted), sum(file.size for file in wanted.values()))
    for path, file in wanted.items():
        if not content.intact(folder / path, file):
            state = "is damaged" if (folder / path).exists() else "is missing"
            verdict.faults.append(f"{receipt.id}: {path} {state}")
        on_bytes(file.size)
    verdict.faults += [f"{receipt.id}: {path} does not belong to it" for path in _present(folder) if path not in wanted]
    return verdict


def _all(found: Catalog, verdict: Verdict) -> list[Release]:
    verdict.faults += [str(error) for error in found.damaged.values()]
    known = {release.id for release in found.releases} | found.damaged.keys()
    verdict.faults += [
        f"the tag {name} points to {tag.release}, which is missing"
        for name, tag in found.tags.items()
        if tag.release not in known
    ]
    return found.releases


def _fault(store: Store, file: File, advance: Callable[[int], None]) -> str:
    try:
        for chunk in content.checked(store.chunks(names.file_name(file.sha256), file.size), file):
            advance(len(chunk))
    except NotFoundError:
        return f"is missing ({names.file_name(file.sha256)})"
    except IntegrityError:
        return f"is damaged ({names.file_name(file.sha256)})"
    return ""


def _receipt(folder: Path) -> Receipt:
    try:
        receipt = msgspec.json.decode(b"".join(content.pieces(folder / RECEIPT)), type=Receipt)
    except (OSError, ValueError, RecursionError):
        receipt = None
    if receipt is None or receipt.release.id != receipt.id:
        raise RegistryError(f"{folder} holds no pulled release", f"name a folder with {RECEIPT} in it: DIR/current")
    return receipt


def _present(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if (path.is_symlink() or not path.is_dir()) and path.name != RECEIPT:
            yield path.relative_to(folder).as_posix()
