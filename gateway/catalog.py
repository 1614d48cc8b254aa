"""The FAQ's entries by model version: what turns an id into a question and its answer.

`<repository>/<model>/<version>/catalog.jsonl` holds the entries, `model.json` beside it describes the version. The
version that Triton reports with a reply chooses the catalog, so one version's ids never meet another's answers.
"""

from pathlib import Path

import msgspec

from gateway.errors import CatalogUnavailableError


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

    @property
    def summary(self) -> str:
        """What the catalog holds, in a few words."""
        return f"{len(self.entries)} entries"

    @property
    def warning(self) -> str | None:
        """Nothing: every FAQ model was trained."""
        return None

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
