"""The FAQ's entries by model version: what turns an id into a question and its answer.

`<repository>/<model>/<version>/catalog.jsonl` holds the entries, `model.json` beside it describes the version. The
version that Triton reports with a reply chooses the catalog, so one version's ids never meet another's answers.
"""

import asyncio
import logging
from collections import OrderedDict
from pathlib import Path

import msgspec

from gateway.errors import CatalogUnavailableError

_log = logging.getLogger(__name__)

# During a roll-out two versions answer; a third covers a quick roll-back.
_KEPT_VERSIONS = 3

# A catalog that cannot be read is tried again this often, however many requests need it.
_RETRY_SECONDS = 1.0


class CatalogLine(msgspec.Struct, frozen=True):
    """A line of catalog.jsonl; `question` and `answer` are HTML."""

    id: int
    question: str
    answer_id: int
    answer: str


class Golden(msgspec.Struct, frozen=True):
    """A question whose best match is known: proof that the whole path works."""

    question: str
    id: int


class ModelCard(msgspec.Struct, frozen=True):
    """The part of model.json that serving needs."""

    version: int
    created: str
    entries: int
    top_k: int
    threshold: float
    golden: Golden


class Entry(msgspec.Struct, frozen=True):
    """An entry ready to be sent; `json` is its JSON object up to and including `"probability":`."""

    line: CatalogLine
    json: bytes


class Catalog:
    """One version's entries by id, and its card."""

    __slots__ = ("card", "entries", "version")

    def __init__(self, version: str, card: ModelCard, entries: dict[int, Entry]) -> None:
        self.version = version
        self.card = card
        self.entries = entries

    @classmethod
    def load(cls, folder: Path) -> "Catalog":
        """Read a version folder. Raises CatalogUnavailableError if a file is missing or contradicts itself."""
        name = f"{folder.parent.name}/{folder.name}"
        try:
            card = msgspec.json.decode((folder / "model.json").read_bytes(), type=ModelCard)
            entries = _read_entries(folder / "catalog.jsonl")
        except OSError as error:
            file = Path(error.filename or folder).name
            raise CatalogUnavailableError(f"{name}/{file} cannot be read: {error.strerror}.") from None
        except (ValueError, RecursionError) as error:  # msgspec's and UTF-8's errors are ValueErrors
            raise CatalogUnavailableError(f"The catalog of {name} is invalid: {error}.") from None
        consistent = len(entries) == card.entries and card.golden.id in entries and str(card.version) == folder.name
        if not consistent:
            raise CatalogUnavailableError(f"model.json and catalog.jsonl of {name} contradict each other.")
        return cls(folder.name, card, entries)


def _read_entries(path: Path) -> dict[int, Entry]:
    decoder = msgspec.json.Decoder(CatalogLine)
    entries: dict[int, Entry] = {}
    with path.open("rb") as lines:
        for number, text in enumerate(lines, 1):
            line = decoder.decode(text)
            if line.id in entries:
                raise ValueError(f"line {number} repeats the id {line.id}")
            # The probability is all that differs between replies: the rest is serialised here, once.
            entries[line.id] = Entry(line, msgspec.json.encode(line)[:-1] + b',"probability":')
    return entries


class Catalogs:
    """Catalogs of a model's versions, each read once, off the event loop, when it is first needed."""

    def __init__(self, repository: Path, model: str) -> None:
        self.model = model
        self._folder = repository / model
        self._loaded: OrderedDict[str, Catalog] = OrderedDict()
        self._loading: dict[str, asyncio.Task[Catalog]] = {}
        self._current: Catalog | None = None

    async def current(self) -> Catalog:
        """Return the catalog of the version that answered last, else of the newest one on disk.

        Raises CatalogUnavailableError.
        """
        return self._current or await self.answered(await asyncio.to_thread(self._newest_on_disk))

    async def answered(self, version: str) -> Catalog:
        """Return the catalog of the version that answers, reading it if needed. Raises CatalogUnavailableError."""
        catalog = self._loaded.get(version)
        if catalog is None:
            catalog = await self._load_once(version)
        self._current = catalog
        return catalog

    async def _load_once(self, version: str) -> Catalog:
        if not (version.isascii() and version.isdecimal()):  # it becomes a folder's name
            raise CatalogUnavailableError(f"{self.model}: Triton reports a version that is not a number.")
        task = self._loading.get(version)
        if task is None:
            task = self._loading[version] = asyncio.create_task(self._load(version))
            task.add_done_callback(lambda done: self._settle(version, done))
        return await asyncio.shield(task)  # a caller that leaves does not take the others' catalog with it

    def _settle(self, version: str, task: asyncio.Task[Catalog]) -> None:
        if task.cancelled() or task.exception() is None:
            del self._loading[version]
        else:
            _log.error("%s", task.exception())
            asyncio.get_running_loop().call_later(_RETRY_SECONDS, self._loading.pop, version)

    async def _load(self, version: str) -> Catalog:
        catalog = await asyncio.to_thread(Catalog.load, self._folder / version)
        self._loaded[version] = catalog
        while len(self._loaded) > _KEPT_VERSIONS:
            self._loaded.popitem(last=False)
        _log.info("%s version %s: %d entries", self.model, version, len(catalog.entries))
        return catalog

    def _newest_on_disk(self) -> str:
        try:
            versions = [path.name for path in self._folder.iterdir() if path.name.isdecimal()]
        except OSError as error:
            raise CatalogUnavailableError(f"The folder of {self.model} cannot be read: {error.strerror}.") from None
        if not versions:
            raise CatalogUnavailableError(f"The repository holds no version of {self.model}.")
        return max(versions, key=int)
