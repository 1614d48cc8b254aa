"""The gRPC API (scoring.v1): protocol matters only; the services do the rest.

Messages are parsed here and not by grpcio, which would report a malformed one as the server's fault (INTERNAL).
"""

import asyncio
from typing import TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from gateway.bounds import check_message
from gateway.call import Call
from gateway.errors import MalformedBodyError
from gateway.front_door import FrontDoor
from gateway.generated import scoring_pb2
from gateway.grpc_errors import SERVICE
from gateway.grpc_method import GrpcMethod, Intake
from gateway.image_api import LARGE
from gateway.image_requests import DEFAULT_TOP_K, chosen
from gateway.image_service import Classification, EncodedImage, ImageQuery, ImageService
from gateway.methods import Methods
from gateway.questions import FaqQuery
from gateway.service import Result, ScoringService
from gateway.settings import Settings

__all__ = ["SERVICE", "GrpcApi"]

_M = TypeVar("_M", bound=Message)


class GrpcApi:
    """The methods of scoring.v1.Scoring, from bytes to messages."""

    def __init__(
        self, service: ScoringService, images: ImageService, door: FrontDoor, methods: Methods, settings: Settings
    ) -> None:
        self._service = service
        self._images = images
        self._max_images = settings.max_images
        small, large, patience = settings.max_body_bytes, settings.max_image_body_bytes, settings.body_timeout
        # Half of what may be held is left to those that have arrived.
        questions = Intake(small, max(1, settings.max_waiting_bytes // small // 2), patience)
        pictures = Intake(large, max(1, settings.max_waiting_image_bytes // large // 2), patience)
        self._methods = {
            "MatchFaq": GrpcMethod(methods.match, self._match_faq, door, questions),
            "ClassifyImage": GrpcMethod(methods.classify, self._classify_image, door, pictures),
        }

    def handler(self) -> grpc.GenericRpcHandler:
        """Return what a gRPC server needs to serve these methods."""
        handlers = {name: method.handler() for name, method in self._methods.items()}
        return grpc.method_handlers_generic_handler(SERVICE, handlers)

    async def _match_faq(self, payload: bytes, call: Call) -> Message:
        answer = await self._service.match(_faq_query(payload), call)
        model = scoring_pb2.ModelVersion(name=self._service.model, version=answer.catalog.version)
        results = [_faq_result(each) for each in answer.results]
        return scoring_pb2.MatchFaqReply(results=results, model=model)

    async def _classify_image(self, payload: bytes, call: Call) -> Message:
        large = len(payload) >= LARGE
        query = await asyncio.to_thread(self._image_query, payload) if large else self._image_query(payload)
        del payload  # the images were copied out of it
        answer = await self._images.classify(query, call)
        model = scoring_pb2.ImageModelVersion(
            name=self._images.model,
            version=answer.catalog.version,
            engine=answer.engine,
            weights=answer.catalog.card.weights,
            warning=answer.catalog.warning,
        )
        results = [_image_result(each) for each in answer.results]
        return scoring_pb2.ClassifyImageReply(results=results, model=model)

    def _image_query(self, payload: bytes) -> ImageQuery:
        check_message(payload, self._max_images + 1)  # top_k is the one field that is no image
        request = _parsed(scoring_pb2.ClassifyImageRequest, payload)
        image = request.image if request.HasField("image") else None
        given = chosen(image, request.images or None, self._max_images)
        top_k = request.top_k if request.HasField("top_k") else DEFAULT_TOP_K
        return ImageQuery([EncodedImage(data, None, field) for field, data in given], top_k)


def _parsed(kind: type[_M], payload: bytes) -> _M:
    try:
        return kind.FromString(payload)
    except DecodeError:
        raise MalformedBodyError(f"The message is not a valid {kind.__name__}, or a text in it not UTF-8.") from None


def _faq_query(payload: bytes) -> FaqQuery:
    request = _parsed(scoring_pb2.MatchFaqRequest, payload)
    question = request.question if request.HasField("question") else None
    top_k = request.top_k if request.HasField("top_k") else DEFAULT_TOP_K
    return FaqQuery(question, request.questions or None, top_k)


def _faq_result(result: Result) -> scoring_pb2.FaqResult:
    matches = [
        scoring_pb2.FaqMatch(
            id=entry.line.id,
            question=entry.line.question,
            answer_id=entry.line.answer_id,
            answer=entry.line.answer,
            probability=probability,
        )
        for entry, probability in result.matches
    ]
    return scoring_pb2.FaqResult(matches=matches, good_match=result.good_match)


def _image_result(classes: list[Classification]) -> scoring_pb2.ImageResult:
    return scoring_pb2.ImageResult(classes=[scoring_pb2.ImageClass(**each._asdict()) for each in classes])
