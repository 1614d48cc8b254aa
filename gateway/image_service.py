"""The classification service, free of protocols: encoded images in, ranked classes out."""

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic
from typing import NamedTuple

import numpy as np

from gateway.batcher import Batcher
from gateway.call import Call
from gateway.catalogs import Catalogs
from gateway.errors import ModelUnavailableError, NotReadyError, ScoringError
from gateway.image_catalog import ImageCatalog, Label
from gateway.image_decoder import ImageDecoder
from gateway.images import EncodedImage, ImageQuery, QueryLimits, check_query
from gateway.inference import Asker, Probe, Served
from gateway.proof import proving
from gateway.served_engine import ServedEngine
from gateway.settings import Settings
from gateway.timing import Timing
from gateway.triton.images import CLASSES, Pixels, Probabilities

__all__ = ["Classification", "EncodedImage", "ImageAnswer", "ImageQuery", "ImageService"]

# An image may meet a new version, whose preprocessing is its own, once or twice in a row: then it is decoded again.
_ROUNDS = 3


class Classification(NamedTuple):
    """A class and how probable it is."""

    wnid: str
    label: str
    probability: float


class ImageAnswer(NamedTuple):
    """For each image its classes, best first, the version and the engine that gave them, and where the time went."""

    results: list[list[Classification]]
    catalog: ImageCatalog
    served: Served
    engine: str
    timing: Timing


class ImageService:
    """Classifies images; raises ScoringError and nothing else."""

    def __init__(
        self,
        settings: Settings,
        decoder: ImageDecoder,
        batcher: Batcher[Pixels, Probabilities],
        engine: ServedEngine,
        catalogs: Catalogs[ImageCatalog],
    ) -> None:
        self._deadline = settings.deadline
        self._limits = QueryLimits(settings.max_images, CLASSES, decoder.limits)
        self._decoder = decoder
        self._batcher = batcher
        self._engine = engine
        self._catalogs = catalogs

    @property
    def model(self) -> str:
        """The model's name, as Triton and the clients know it."""
        return self._catalogs.model

    async def published(self) -> bool:
        """Tell whether the repository holds a version of the model."""
        return await self._catalogs.published()

    async def catalog(self) -> ImageCatalog:
        """Return the catalog of the version that answers now. Raises CatalogUnavailableError."""
        return await self._catalogs.current()

    async def engine(self) -> str | None:
        """Return what computes the answers, such as "openvino-cpu"; None while Triton does not say."""
        try:
            return (await self._engine.known(monotonic() + self._deadline)).name
        except ScoringError:
            return None

    async def classify(self, query: ImageQuery, call: Call) -> ImageAnswer:
        """Answer a query; nothing invalid is decoded or reaches Triton.

        Headers are read in a thread: a file made to be slow to read would hold up everyone in the event loop.
        """
        call.expect(min(len(query.images), self._limits.images))
        await self._catalogs.current()
        await asyncio.to_thread(check_query, query, self._limits)
        answer = await self._answer(query, call, call.decoded)
        call.answered(answer.timing, answer.catalog.version)
        return answer

    async def prove(self, seconds: float) -> None:
        """Classify the golden picture, through the whole path. Raises NotReadyError if its known class does not come.

        It passes no admission and waits in no queue: a service that is merely full is ready.
        """
        async with proving("image", seconds):
            await self._classify_golden(Probe(monotonic() + seconds))

    async def _classify_golden(self, probe: Probe) -> None:
        # During a roll-out versions take turns: the pictures of all that have answered are asked, see ScoringService.
        asked = {(catalog := await self._catalogs.current()).version: catalog.golden}
        while True:
            goldens = [EncodedImage(picture, "image/png", "golden.png") for picture in asked.values()]
            answer = await self._answer(ImageQuery(goldens, 1), probe, first=True)
            if answer.catalog.version in asked:
                break
            asked[answer.catalog.version] = answer.catalog.golden
        await self._engine.renewed(answer.served, probe.until)
        best, *_ = answer.results[list(asked).index(answer.catalog.version)]
        if best.wnid != answer.catalog.labels[answer.catalog.card.golden.index].wnid:
            raise NotReadyError("The golden image did not get its known class.")

    async def _answer(
        self, query: ImageQuery, asker: Asker, decoded: Callable[[], None] = lambda: None, *, first: bool = False
    ) -> ImageAnswer:
        """Decode as the version wants it that is believed to answer, and once more where another one answers."""
        catalog, until = await self._catalogs.current(), asker.until
        for _ in range(_ROUNDS):
            spec = catalog.card.preprocessing
            pixels = await self._decoder.decode(query.images, spec, until, first=first)
            decoded()
            await self._engine.known(until)  # no call may be larger than it takes
            reply, timing = await self._batcher.infer(pixels, asker, first=first)
            catalog = await self._catalogs.answered(reply.version)
            if catalog.card.preprocessing == spec:
                engine = await self._engine.of(reply.served, until)
                results = [_best(row, catalog.labels, query.top_k) for row in reply.rows]
                return ImageAnswer(results, catalog, reply.served, engine.name, timing)
        raise ModelUnavailableError("The model was replaced while the images were being classified.")


def _best(probabilities: Probabilities, labels: Sequence[Label], count: int) -> list[Classification]:
    best = np.argsort(-probabilities, kind="stable")[:count].tolist()  # of equals, the one that comes first
    return [Classification(labels[each].wnid, labels[each].label, float(probabilities[each])) for each in best]
