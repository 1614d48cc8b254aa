"""What a model's versions know beside their weights: read from the repository when a version first answers."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from gateway.errors import CatalogUnavailableError

_log = logging.getLogger(__name__)

# During a roll-out two versions answer; a third covers a quick roll-back.
_KEPT_VERSIONS = 3

# A catalog that cannot be read is tried again this often, however many requests need it.
_RETRY_SECONDS = 1.0


class Versioned(Protocol):
    """What every catalog says about itself."""

    version: str

    @property
    def summary(self) -> str:
        """What the catalog holds, in a few words."""
        ...

    @property
    def warning(self) -> str | None:
        """What everyone who uses this version must be told."""
        ...


C = TypeVar("C", bound=Versioned)


class Catalogs(Generic[C]):
    """Catalogs of a model's versions, each read once, off the event loop, when it is first needed.

    `load` reads a version's folder and raises CatalogUnavailableError. The version that Triton reports with a reply
    chooses the catalog, so one version's outputs never meet another's meaning.
    """

    def __init__(self, repository: Path, model: str, load: Callable[[Path], C]) -> None:
        self.model = model
        self._folder = repository / model
        self._load = load
        self._loaded: OrderedDict[str, C] = OrderedDict()
        self._loading: dict[str, asyncio.Task[C]] = {}
        self._current: C | None = None

    @property
    def latest(self) -> C | None:
        """The catalog of the version that answered last; None while none has."""
        return self._current

    async def current(self) -> C:
        """Return the catalog of the version that answered last, else of the newest one on disk.

        Raises CatalogUnavailableError.
        """
        return self._current or await self.answered(await asyncio.to_thread(self._newest_on_disk))

    async def answered(self, version: str) -> C:
        """Return the catalog of the version that answers, reading it if needed. Raises CatalogUnavailableError."""
        catalog = self._loaded.get(version)
        if catalog is None:
            catalog = await self._load_once(version)
        self._current = catalog
        return catalog

    async def knows(self, version: str) -> bool:
        """Tell whether there is a catalog of a version, reading it if needed."""
        if version not in self._loaded:
            try:
                await self._load_once(version)
            except CatalogUnavailableError:
                return False
        return True

    async def published(self) -> bool:
        """Tell whether the repository holds a version. Once it holds none, none counts as current any more.

        A folder that cannot be read may hold one: `current` says what is wrong with it.
        """
        try:
            found = bool(await asyncio.to_thread(self._versions_on_disk))
        except OSError:
            return True
        if not found:
            self._current = None
        return found

    async def _load_once(self, version: str) -> C:
        if not (version.isascii() and version.isdecimal()):  # it becomes a folder's name
            raise CatalogUnavailableError(f"{self.model}: Triton reports a version that is not a number.")
        task = self._loading.get(version)
        if task is None:
            task = self._loading[version] = asyncio.create_task(self._read(version))
            task.add_done_callback(lambda done: self._settle(version, done))
        return await asyncio.shield(task)  # a caller that leaves does not take the others' catalog with it

    def _settle(self, version: str, task: asyncio.Task[C]) -> None:
        if task.cancelled() or task.exception() is None:
            del self._loading[version]
        else:
            _log.error("%s", task.exception())
            asyncio.get_running_loop().call_later(_RETRY_SECONDS, self._loading.pop, version)

    async def _read(self, version: str) -> C:
        catalog = await asyncio.to_thread(self._load, self._folder / version)
        self._loaded[version] = catalog
        while len(self._loaded) > _KEPT_VERSIONS:
            self._loaded.popitem(last=False)
        _log.info("%s version %s: %s", self.model, version, catalog.summary)
        if catalog.warning is not None:
            _log.warning("%s version %s has %s", self.model, version, catalog.warning)
        return catalog

    def _newest_on_disk(self) -> str:
        try:
            versions = self._versions_on_disk()
        except OSError as error:
            raise CatalogUnavailableError(f"The folder of {self.model} cannot be read: {error.strerror}.") from None
        if not versions:
            raise CatalogUnavailableError(f"The repository holds no version of {self.model}.")
        return max(versions, key=int)

    def _versions_on_disk(self) -> list[str]:
        try:
            return [path.name for path in self._folder.iterdir() if path.name.isdecimal()]
        except FileNotFoundError:
            return []
