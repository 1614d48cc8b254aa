"""Wires the gateway: every part is made here, once, and handed to those that need it."""

import logging
from pathlib import Path

from gateway.batcher import Batcher
from gateway.catalog import Catalog
from gateway.catalogs import Catalogs
from gateway.errors import CatalogUnavailableError
from gateway.grpc_api import SERVICE, GrpcApi
from gateway.health import Health
from gateway.http_api import HttpApi
from gateway.image_catalog import ImageCatalog
from gateway.image_service import ImageService
from gateway.readiness import Provable, Readiness
from gateway.service import ScoringService
from gateway.settings import Settings
from gateway.triton import FaqRanker, TritonChannel

_log = logging.getLogger(__name__)


class Gateway:
    """The parts of a running gateway; make it inside the event loop that it is to live on."""

    def __init__(self, settings: Settings) -> None:
        self._channel = TritonChannel(settings.triton_url)
        self._catalogs = Catalogs(Path(settings.model_repository), settings.faq_model, Catalog.load)
        self._batcher = Batcher(
            FaqRanker(self._channel, settings.faq_model),
            max_batch_size=settings.max_batch_size,
            max_calls=settings.max_calls,
        )
        service = ScoringService(settings, self._batcher, self._catalogs)
        self._image_catalogs = Catalogs(Path(settings.model_repository), settings.image_model, ImageCatalog.load)
        images = ImageService(settings, self._image_catalogs)
        # A golden picture may have to wait for the calls in flight: it gets the time that any request gets.
        proofs: list[tuple[Provable, float]] = [(service, settings.readiness_deadline), (images, settings.deadline)]
        readiness = Readiness(proofs, settings.readiness_deadline)
        self.health = Health(readiness, (SERVICE,))
        self.http = HttpApi(service, images, readiness, settings)
        self.grpc = GrpcApi(service, images, settings)

    async def start(self) -> None:
        """Read the newest catalog ahead of the first request; without one, the gateway waits for it."""
        try:
            await self._catalogs.current()
        except CatalogUnavailableError as error:
            _log.warning("not ready yet: %s", error)
        await self.health.start()

    async def answer_waiting(self) -> None:
        """Give those who still wait their answer, a 503: nobody is left without one."""
        await self._batcher.close()

    async def close(self) -> None:
        """End what is in flight and hang up."""
        await self._batcher.close()
        await self._channel.close()
