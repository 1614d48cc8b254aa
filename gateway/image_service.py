"""The classification service, free of protocols: encoded images in, ranked classes out."""

from collections.abc import Sequence
from typing import NamedTuple

from gateway.catalogs import Catalogs
from gateway.errors import ModelUnavailableError, NotReadyError
from gateway.image_catalog import ImageCatalog
from gateway.settings import Settings
from gateway.timing import Timing, server_timing


class EncodedImage(NamedTuple):
    """An image file as it came."""

    data: bytes
    media_type: str | None  # what the client declared
    field: str  # what errors name: "image", "images[2]", "body"


class ImageQuery(NamedTuple):
    """Images to classify, and how many classes to return for each."""

    images: Sequence[EncodedImage]
    top_k: int


class Classification(NamedTuple):
    """A class and how probable it is."""

    wnid: str
    label: str
    probability: float


class ImageAnswer(NamedTuple):
    """For each image its classes, best first, the version and the engine that gave them, and where the time went.

    `decode` is the time in seconds from the request's arrival until its images were ready for the model.
    """

    results: list[list[Classification]]
    catalog: ImageCatalog
    engine: str
    decode: float
    timing: Timing

    def server_timing(self) -> str:
        """Return the times as the value of a Server-Timing header, durations in milliseconds."""
        return server_timing(self.decode, self.timing)


class ImageService:
    """Classifies images; raises ScoringError and nothing else."""

    def __init__(self, settings: Settings, catalogs: Catalogs[ImageCatalog]) -> None:
        self._settings = settings
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
        return None

    async def classify(self, query: ImageQuery, arrival: float) -> ImageAnswer:
        """Answer a query that arrived at `arrival` (of `time.monotonic`); nothing invalid reaches the model."""
        await self._catalogs.current()
        raise ModelUnavailableError(f"{self.model}: not served yet.")

    async def prove(self, seconds: float) -> None:
        """Classify the golden picture, through the whole path. Raises NotReadyError without its known class."""
        await self._catalogs.current()
        raise NotReadyError(f"{self.model}: not served yet.")
