"""The gRPC API (scoring.v1): protocol matters only; the services do the rest.

Messages are parsed here and not by grpcio, which would report a malformed one as the server's fault (INTERNAL).
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import NamedTuple, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from gateway.bounds import check_message
from gateway.errors import BodyTooLargeError, MalformedBodyError, ScoringError, internal_fault
from gateway.generated import scoring_pb2
from gateway.grpc_errors import SERVICE, Context, abort
from gateway.image_api import LARGE
from gateway.image_requests import DEFAULT_TOP_K, chosen
from gateway.image_service import Classification, EncodedImage, ImageQuery, ImageService
from gateway.questions import FaqQuery
from gateway.service import Result, ScoringService
from gateway.settings import Settings

__all__ = ["SERVICE", "GrpcApi"]

_M = TypeVar("_M", bound=Message)


class _Reply(NamedTuple):
    message: Message
    server_timing: str


class GrpcApi:
    """The methods of scoring.v1.Scoring, from bytes to bytes."""

    def __init__(self, service: ScoringService, images: ImageService, settings: Settings) -> None:
        self._service = service
        self._images = images
        self._max_images = settings.max_images
        self._methods = {
            "MatchFaq": _method(self._match_faq, settings.max_body_bytes),
            "ClassifyImage": _method(self._classify_image, settings.max_image_body_bytes),
        }

    def handler(self) -> grpc.GenericRpcHandler:
        """Return what a gRPC server needs to serve these methods."""
        return grpc.method_handlers_generic_handler(SERVICE, self._methods)

    async def _match_faq(self, payload: bytes, arrival: float) -> _Reply:
        answer = await self._service.match(_faq_query(payload), arrival)
        model = scoring_pb2.ModelVersion(name=self._service.model, version=answer.catalog.version)
        results = [_faq_result(each) for each in answer.results]
        return _Reply(scoring_pb2.MatchFaqReply(results=results, model=model), answer.server_timing())

    async def _classify_image(self, payload: bytes, arrival: float) -> _Reply:
        large = len(payload) >= LARGE
        query = await asyncio.to_thread(self._image_query, payload) if large else self._image_query(payload)
        answer = await self._images.classify(query, arrival)
        model = scoring_pb2.ImageModelVersion(
            name=self._images.model,
            version=answer.catalog.version,
            engine=answer.engine,
            weights=answer.catalog.card.weights,
            warning=answer.catalog.warning,
        )
        results = [_image_result(each) for each in answer.results]
        return _Reply(scoring_pb2.ClassifyImageReply(results=results, model=model), answer.server_timing())

    def _image_query(self, payload: bytes) -> ImageQuery:
        check_message(payload, self._max_images + 1)  # top_k is the one field that is no image
        request = _parsed(scoring_pb2.ClassifyImageRequest, payload)
        image = request.image if request.HasField("image") else None
        given = chosen(image, request.images or None, self._max_images)
        top_k = request.top_k if request.HasField("top_k") else DEFAULT_TOP_K
        return ImageQuery([EncodedImage(data, None, field) for field, data in given], top_k)


def _method(
    answer: Callable[[bytes, float], Awaitable[_Reply]], max_bytes: int
) -> "grpc.RpcMethodHandler[bytes, bytes]":
    """Return a method whose errors end the call with a status and its details."""

    async def call(payload: bytes, context: Context) -> bytes:
        try:
            _check_size(payload, max_bytes)
            reply = await answer(payload, monotonic())
        except ScoringError as error:
            await abort(context, error)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not show its text to anyone
            await abort(context, internal_fault(error, "gRPC"))
        context.set_trailing_metadata((("server-timing", reply.server_timing),))
        return reply.message.SerializeToString()

    return grpc.unary_unary_rpc_method_handler(call)


def _check_size(payload: bytes, limit: int) -> None:
    if len(payload) > limit:
        raise BodyTooLargeError(
            f"The message must have at most {limit} bytes.", field="body", limit=limit, received=len(payload)
        )


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
