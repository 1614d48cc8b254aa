"""The scoring service, free of protocols: a query in, ranked FAQ entries out."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import NamedTuple

from gateway.batcher import Batcher
from gateway.call import Call
from gateway.catalog import Catalog, Entry
from gateway.catalogs import Catalogs
from gateway.errors import ModelFaultError, NotReadyError
from gateway.inference import Asker, Probe
from gateway.proof import proving
from gateway.questions import FaqQuery, Limits, canonical_texts
from gateway.settings import Settings
from gateway.timing import Timing
from gateway.triton.faq import Ranking
from preprocessing.text import canonical

# Characters from which a request is prepared in a thread: in the event loop it would hold up everyone for milliseconds.
_LONG = 4000


class Result(NamedTuple):
    """The matches of one question, best first: entries and their probabilities."""

    matches: list[tuple[Entry, float]]
    good_match: bool


class Answer(NamedTuple):
    """One result for each question, the version that gave them, and where the time went."""

    results: list[Result]
    catalog: Catalog
    timing: Timing


class ScoringService:
    """Matches questions to FAQ entries; raises ScoringError and nothing else."""

    def __init__(self, settings: Settings, batcher: Batcher[bytes, Ranking], catalogs: Catalogs[Catalog]) -> None:
        self._settings = settings
        self._batcher = batcher
        self._catalogs = catalogs

    @property
    def model(self) -> str:
        """The model's name, as Triton and the clients know it."""
        return self._catalogs.model

    async def published(self) -> bool:
        """Tell whether the repository holds a version of the model."""
        return await self._catalogs.published()

    async def catalog(self) -> Catalog:
        """Return the catalog of the version that answers now. Raises CatalogUnavailableError."""
        return await self._catalogs.current()

    async def match(self, query: FaqQuery, call: Call) -> Answer:
        """Answer a query; nothing invalid reaches the model."""
        call.expect(min(query.size(), self._settings.max_questions))
        catalog = await self._catalogs.current()
        texts = await self._texts(query, self._limits(catalog))
        call.decoded()
        answer = await self._answer(texts, query.top_k, call)
        call.answered(answer.timing, answer.catalog.version)
        return answer

    async def prove(self, seconds: float) -> None:
        """Ask the golden question, through the whole path. Raises NotReadyError if its known answer does not come.

        It passes no admission: a service that is merely full is ready.
        """
        async with proving("question", seconds):
            await self._ask_golden(Probe(monotonic() + seconds))

    async def _ask_golden(self, probe: Probe) -> None:
        # During a roll-out versions take turns: the question of each one that has answered is asked once more, with the
        # others, until the version that answers is one whose question was among them.
        asked = {(catalog := await self._catalogs.current()).version: catalog.card.golden}
        while True:
            answer = await self._answer([canonical(golden.question).encode() for golden in asked.values()], 1, probe)
            if answer.catalog.version in asked:
                break
            asked[answer.catalog.version] = answer.catalog.card.golden
        place = list(asked).index(answer.catalog.version)
        best, _ = answer.results[place].matches[0]
        if best.line.id != answer.catalog.card.golden.id:
            raise NotReadyError("The golden question did not get its known answer.")

    async def _texts(self, query: FaqQuery, limits: Limits) -> list[bytes]:
        if query.characters() <= _LONG:
            return canonical_texts(query, limits)
        return await asyncio.to_thread(canonical_texts, query, limits)

    def _limits(self, catalog: Catalog) -> Limits:
        return Limits(self._settings.max_questions, self._settings.max_question_length, catalog.card.top_k)

    async def _answer(self, texts: Sequence[bytes], top_k: int, asker: Asker) -> Answer:
        reply, timing = await self._batcher.infer(texts, asker)
        catalog = await self._catalogs.answered(reply.version)
        try:
            results = [_joined(catalog, ids[:top_k], probabilities) for ids, probabilities in reply.rows]
        except KeyError:
            raise ModelFaultError(f"{self.model}: Triton returned an id that the catalog does not hold.") from None
        return Answer(results, catalog, timing)


def _joined(catalog: Catalog, ids: list[int], probabilities: list[float]) -> Result:
    matches = [(catalog.entries[each], probability) for each, probability in zip(ids, probabilities, strict=False)]
    return Result(matches, probabilities[0] >= catalog.card.threshold)
