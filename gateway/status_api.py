"""What the service says about itself: /livez, /readyz and /v1/models."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway import pages
from gateway.access.client import Scope
from gateway.errors import CatalogUnavailableError, InvalidFieldError
from gateway.front_door import Method
from gateway.image_service import ImageService
from gateway.openapi import document
from gateway.readiness import Readiness
from gateway.schema import (
    Alive,
    Health,
    ImageLimits,
    ImageModelStatus,
    ModelHealth,
    ModelLimits,
    ModelsReply,
    ModelStatus,
)
from gateway.service import ScoringService
from gateway.settings import Settings
from gateway.telemetry.exposition import Exposition, OpenMetrics
from gateway.telemetry.telemetry import Telemetry
from preprocessing import image

_LONGEST_NAME = 80


class StatusApi:
    """The process, its models, and whether they answer."""

    def __init__(
        self,
        service: ScoringService,
        images: ImageService,
        readiness: Readiness,
        telemetry: Telemetry,
        settings: Settings,
    ) -> None:
        self._service = service
        self._images = images
        self._readiness = readiness
        self._telemetry = telemetry
        self._settings = settings
        self._limits = ModelLimits(settings.max_questions, settings.max_question_length, settings.max_body_bytes)
        self._image_limits = _image_limits(settings)

    def routes(self) -> list[tuple[Method, Route]]:
        """Return what can be asked for by GET, and who may ask."""
        document_page = pages.static(document(self._settings), "application/json")
        return [
            (Method("livez", public=True), Route("/livez", self.livez)),
            (Method("readyz", public=True), Route("/readyz", self.readyz)),
            (Method("models"), Route("/v1/models", self.models)),
            (Method("metrics", Scope.ADMIN), Route("/metrics", self.metrics)),
            (Method("openapi", public=True), Route("/openapi.json", document_page)),
            (Method("docs", public=True), Route("/docs", pages.page("docs.html"))),
            (Method("demo", public=True), Route("/", pages.page("demo.html"))),
        ]

    def monitored(self) -> list[tuple[Method, Route]]:
        """Return what is shown to whoever reaches the port that only monitoring reaches."""
        public = {"/livez": self.livez, "/readyz": self.readyz, "/metrics": self.metrics}
        return [(Method(path[1:], public=True), Route(path, endpoint)) for path, endpoint in public.items()]

    async def metrics(self, request: Request) -> Response:
        """Return the metrics of all workers in Prometheus' text format, or as OpenMetrics to those who know it."""
        openmetrics = "application/openmetrics-text" in request.headers.get("accept", "")
        content_type = (OpenMetrics if openmetrics else Exposition).content_type
        return Response(await self._telemetry.scraped(openmetrics=openmetrics), headers={"content-type": content_type})

    async def livez(self, request: Request) -> Response:
        """Answer as long as the process does."""
        return _json(Alive())

    async def readyz(self, request: Request) -> Response:
        """Answer 200 when a published model, or the one asked for with `model`, answers its golden request."""
        for name in request.query_params:
            if name != "model":
                field = name[:_LONGEST_NAME]
                raise InvalidFieldError("The query has an unknown parameter.", field=field, limit="model")
        report = await self._readiness.check(request.query_params.get("model"))
        return _json(Health(report.status, [ModelHealth(*state) for state in report.models]))

    async def models(self, request: Request) -> Response:
        """Describe the versions that answer. Raises CatalogUnavailableError when there is none."""
        states = await self._readiness.states()  # first, so that the catalogs are those of the versions that answered
        ready = {each.model for each in states if each.state == "ready"}
        published = [each.model for each in states if each.state != "not_published"]
        describe: dict[str, Callable[[bool], Awaitable[ModelStatus | ImageModelStatus]]] = {
            self._service.model: self._faq,
            self._images.model: self._image,
        }
        statuses, reason = list[ModelStatus | ImageModelStatus](), "The repository holds no version of any model."
        for name in published:
            try:
                statuses.append(await describe[name](name in ready))
            except CatalogUnavailableError as error:  # the other model is described all the same; /readyz says more
                reason = error.detail
        if not statuses:
            raise CatalogUnavailableError(reason)
        return _json(ModelsReply(statuses))

    async def _faq(self, ready: bool) -> ModelStatus:  # noqa: FBT001 - the one thing that the caller knows
        catalog = await self._service.catalog()
        card = catalog.card
        return ModelStatus(
            name=self._service.model,
            version=catalog.version,
            ready=ready,
            entries=card.entries,
            top_k=card.top_k,
            threshold=card.threshold,
            created=card.created,
            limits=self._limits,
        )

    async def _image(self, ready: bool) -> ImageModelStatus:  # noqa: FBT001
        catalog = await self._images.catalog()
        card = catalog.card
        return ImageModelStatus(
            name=self._images.model,
            version=catalog.version,
            ready=ready,
            weights=card.weights,
            warning=catalog.warning,
            precision=card.precision,
            engine=await self._images.engine(),
            framework=card.framework,
            classes=card.classes,
            preprocessing=card.preprocessing,
            created=card.created,
            limits=self._image_limits,
        )


def _image_limits(settings: Settings) -> ImageLimits:
    file = image.ImageLimits(settings.max_image_bytes, settings.max_image_pixels)
    return ImageLimits(
        max_images=settings.max_images,
        max_image_bytes=file.max_bytes,
        max_image_pixels=file.max_pixels,
        min_image_side=file.min_side,
        max_body_bytes=settings.max_image_body_bytes,
        media_types=sorted(image.MEDIA_TYPES.values()),
    )


def _json(value: Any) -> Response:
    """Return a reply that no cache keeps."""
    return Response(msgspec.json.encode(value), media_type="application/json", headers={"cache-control": "no-store"})
