"""Wires the gateway: every part is made here, once, and handed to those that need it."""

import logging
from collections.abc import Callable
from pathlib import Path

from gateway.access.access import Access
from gateway.batcher import Batcher, Merging
from gateway.catalog import Catalog
from gateway.catalogs import Catalogs
from gateway.cors import with_cors
from gateway.errors import CatalogUnavailableError
from gateway.front_door import FrontDoor
from gateway.gauges import tell_version, watch_admission, watch_readiness, watch_replicas, watch_servers
from gateway.grpc_api import SERVICE, GrpcApi
from gateway.health import Health
from gateway.http_api import HttpApi
from gateway.image_catalog import ImageCatalog
from gateway.image_decoder import ImageDecoder
from gateway.image_service import ImageService
from gateway.limits.admission import Admission, Bounds
from gateway.limits.quotas import Quotas
from gateway.methods import Methods
from gateway.others import Others
from gateway.readiness import Provable, Readiness
from gateway.served_engine import ServedEngine
from gateway.service import ScoringService
from gateway.settings import Settings
from gateway.status_api import StatusApi
from gateway.telemetry.telemetry import Telemetry
from gateway.triton.channels import TritonChannels
from gateway.triton.faq import FaqRanker
from gateway.triton.images import ImageClassifier
from gateway.worker import ALONE, Worker
from preprocessing.image import ImageLimits

_log = logging.getLogger(__name__)

# Seconds after which those who wait get a call of their own beside the one under way: some times what a call with
# questions takes, some part of what one with images does.
_PATIENCE = 0.02
_IMAGE_PATIENCE = 0.05

_SLACK = 0.5  # seconds that a probe gives a proof, after its time, to say that it failed


class Gateway:
    """The parts of a running gateway; make it inside the event loop that it is to live on. Raises SettingsError."""

    def __init__(self, settings: Settings, worker: Worker = ALONE) -> None:
        self._telemetry = Telemetry(settings, folder=worker.folder, worker=worker.number)
        self._access = Access(settings)
        self._quotas = Quotas(worker.folder and worker.folder / "quotas", worker.number)
        self._channels = TritonChannels(settings)
        self._questions = Admission(_room_for_questions(settings), "questions")
        self._images = Admission(_room_for_images(settings), "images")
        service, images = self._faq_service(settings), self._image_service(settings)
        # A golden picture may have to wait for the calls in flight: it gets the time that any request gets.
        proofs: list[tuple[Provable, float]] = [(service, settings.readiness_deadline), (images, settings.deadline)]
        self._readiness = Readiness(proofs, settings.readiness_deadline + _SLACK, self._channels.outage)
        self.health = Health(self._readiness, (SERVICE,))
        door = FrontDoor(settings, self._access, self._quotas, self._telemetry)
        methods = Methods.admitted_by(self._questions, self._images)
        status = StatusApi(service, images, self._readiness, self._telemetry, settings)
        others = Others(status.routes(), door)
        self.monitoring = Others(status.monitored(), door)
        self.http = with_cors(HttpApi(service, images, others, door, methods, settings), settings)
        self.grpc = GrpcApi(service, images, door, methods, settings)
        self._watch(settings)

    def watch_servers(self, connections: Callable[[], int], expires: Callable[[], float] | None) -> None:
        """Show in the metrics what its servers know: open connections, and when their certificate, if any, expires."""
        watch_servers(self._telemetry, connections, expires)

    async def start(self) -> None:
        """Read keys, and the newest catalogs ahead of the first request; without one, its model waits for it."""
        await self._telemetry.start()
        await self._access.start()
        for catalogs in (self._catalogs, self._image_catalogs):
            try:
                await catalogs.current()
            except CatalogUnavailableError as error:
                _log.warning("not served yet: %s", error)
        await self.health.start()

    async def drain(self) -> None:
        """Say from now on that nothing is ready: the gateway is about to stop."""
        self._readiness.drain()
        await self.health.close()

    async def answer_waiting(self) -> None:
        """Give those who still wait their answer, a 503: nobody is left without one."""
        self._decoder.close()
        await self._batcher.close()
        await self._image_batcher.close()

    async def close(self) -> None:
        """End what is in flight and hang up."""
        await self.answer_waiting()
        await self._channels.close()
        await self._access.close()
        self._quotas.close()
        await self._telemetry.close()

    def _faq_service(self, settings: Settings) -> ScoringService:
        self._catalogs = Catalogs(Path(settings.model_repository), settings.faq_model, Catalog.load)
        ranker = FaqRanker(self._channels.questions, settings.faq_model, self._catalogs.knows)
        self._batcher = Batcher(ranker, _questions(settings), settings.faq_model, self._telemetry)
        return ScoringService(settings, self._batcher, self._catalogs)

    def _image_service(self, settings: Settings) -> ImageService:
        self._image_catalogs = Catalogs(Path(settings.model_repository), settings.image_model, ImageCatalog.load)
        classifier = ImageClassifier(self._channels.images, settings.image_model, self._image_catalogs.knows)
        self._image_batcher = Batcher(classifier, _images(settings), settings.image_model, self._telemetry)
        limits = ImageLimits(settings.max_image_bytes, settings.max_image_pixels)
        self._decoder = ImageDecoder(settings.decode_threads, limits)
        self._engine = ServedEngine(classifier.engine, self._limit_images)
        return ImageService(settings, self._decoder, self._image_batcher, self._engine, self._image_catalogs)

    def _limit_images(self, max_batch_size: int) -> None:
        """Adapt to the most images that the engine takes in one call."""
        self._image_batcher.limit(max_batch_size)
        self._images.pipeline(self._image_batcher.pipeline)

    def _watch(self, settings: Settings) -> None:
        watch_admission(self._telemetry, settings.faq_model, self._questions, self._batcher)
        watch_admission(self._telemetry, settings.image_model, self._images, self._image_batcher)
        watch_replicas(self._telemetry, self._channels)
        watch_readiness(self._telemetry, self._readiness)
        tell_version(self._telemetry, self._catalogs, lambda: "")
        tell_version(self._telemetry, self._image_catalogs, self._engine_name)

    def _engine_name(self) -> str:
        engine = self._engine.latest
        return engine.name if engine else ""


def _room_for_questions(settings: Settings) -> Bounds:
    return Bounds(settings.max_waiting, settings.max_waiting_bytes, _questions(settings).pipeline)


def _room_for_images(settings: Settings) -> Bounds:
    # Full calls are all that the engine can take up: more in line keeps it no busier, and takes seconds to drain.
    return Bounds(settings.max_waiting_images, settings.max_waiting_image_bytes, _images(settings).pipeline, enough=1.0)


def _questions(settings: Settings) -> Merging:
    half = (settings.max_batch_size + 1) // 2
    return Merging(settings.max_batch_size, settings.max_calls, half, _PATIENCE)


def _images(settings: Settings) -> Merging:
    # A further call is there so that the engine finds work at hand when it has done the first; until then it waits in
    # Triton, where nothing joins it any more: it had better be full.
    size = settings.max_image_batch_size
    return Merging(size, settings.max_image_calls, size, _IMAGE_PATIENCE)
