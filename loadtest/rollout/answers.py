"""What each version of the FAQ model may say."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from loadtest.faq.plan import MODEL


class Match(msgspec.Struct, frozen=True):
    """An entry, as replies and catalogs name it."""

    id: int
    question: str
    answer_id: int
    answer: str


class Answer(NamedTuple):
    """A reply to one question: its HTTP status, or what stands for it; without a 200, nothing else."""

    status: int
    version: str = ""
    matches: Sequence[Match] = ()


class Catalogs:
    """The entries of all versions that a repository holds."""

    def __init__(self, repository: Path) -> None:
        decoder = msgspec.json.Decoder(Match)
        self._entries = {
            file.parent.name: {(entry := decoder.decode(line)).id: entry for line in file.read_bytes().splitlines()}
            for file in (repository / MODEL).glob("[0-9]*/catalog.jsonl")
        }

    def fault(self, answer: Answer) -> str | None:
        """Return what is wrong with an answer by the catalog of the version that it names; None if nothing is."""
        entries = self._entries.get(answer.version)
        if entries is None:
            return f"a reply names version {answer.version!r}"
        for match in answer.matches:
            if entries.get(match.id) != match:
                return f"a reply of version {answer.version} has entry {match.id} as that version does not know it"
        return None if answer.matches else f"a reply of version {answer.version} is empty"
