"""From a model repository into a store: what is missing is uploaded, the release's document comes last."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from registry import catalog, content, names
from registry.errors import ConflictError, IntegrityError, NotFoundError, RefusedError
from registry.parallel import for_each
from registry.release import File, Release, encode
from registry.store import Store


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did; `new` tells whether the store had no such release, sizes are in bytes."""

    release: str
    new: bool
    uploaded: int
    present: int


def refuse_other_content(store: Store, release: Release) -> None:
    """Raise RefusedError for a version that was released with other files under the same number.

    A number says for ever what a version is: gateways keep its catalog by it, clients and logs name it.
    """
    for other in catalog.load_all(store).releases if _exists(store) else ():
        for model, versions in release.versions.items():
            for version in set(versions).intersection(other.versions.get(model, ())):
                if release.of(model, version) != other.of(model, version):
                    raise RefusedError(
                        f"{model}/{version} has other files than in release {other.id}",
                        f"a version's number is taken for ever: pull {other.id} (--training), and publish the next "
                        "version there",
                    )


def push(store: Store, folder: Path, release: Release, on_bytes: Callable[[int], None]) -> Pushed:
    """Upload the files that the store lacks, then the release's document.

    Raises RegistryError; whatever was uploaded by then is not uploaded again by the next push.
    """
    unique = {file.sha256: file for file in release.files}
    uploaded: list[int] = []

    def upload(file: File, advance: Callable[[int], None]) -> None:
        uploaded.append(_upload(store, folder, file, advance))

    for_each(unique.values(), upload, on_bytes)
    present = sum(file.size for file in unique.values()) - sum(uploaded)
    return Pushed(release.id, _finish(store, release), sum(uploaded), present)


def _upload(store: Store, folder: Path, file: File, on_bytes: Callable[[int], None]) -> int:
    """Put a file into the store unless it is there; return the bytes that were uploaded."""
    name = names.file_name(file.sha256)
    found = store.touch(name)
    if found == file.size:
        on_bytes(file.size)
        return 0
    if found is not None:
        raise IntegrityError(
            f"{name} in {store.url} has {found:,} bytes, not the {file.size:,} of {file.path}",
            "it is damaged: delete it from the store and push again",
        )
    store.put(name, _read(folder / file.path, file, on_bytes))
    return file.size


def _read(path: Path, file: File, on_bytes: Callable[[int], None]) -> Iterator[bytes]:
    """Yield a local file. Raises RefusedError when it is no longer what was listed."""
    try:
        for chunk in content.checked(content.pieces(path), file):
            yield chunk
            on_bytes(len(chunk))
    except (OSError, IntegrityError) as error:
        raise RefusedError(f"{path} changed while it was pushed ({error})", "push when nobody writes to it") from None


def _finish(store: Store, release: Release) -> bool:
    try:
        store.write(names.release_name(release.id), encode(release), None)
    except ConflictError:
        if store.touch(names.release_name(release.id)) is None:  # pruned at this moment
            return _finish(store, release)
        catalog.load(store, release.id)  # it is whole, and of the same id: of the same files
        return False
    return True


def _exists(store: Store) -> bool:
    """Tell whether there is a store; a folder is made by the first push."""
    try:
        next(store.entries(names.RELEASES), None)
    except NotFoundError:
        return False
    return True
