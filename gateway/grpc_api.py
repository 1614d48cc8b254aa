"""The gRPC API (scoring.v1): protocol matters only; the scoring service does the rest.

Messages are parsed here and not by grpcio, which would report a malformed one as the server's fault (INTERNAL).
"""

from time import monotonic
from typing import Any, NoReturn

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from gateway.errors import (
    STATUS,
    BodyTooLargeError,
    MalformedBodyError,
    ScoringError,
    UnavailableError,
    describe,
    internal_fault,
)
from gateway.generated import scoring_pb2
from gateway.image_service import ImageService
from gateway.questions import FaqQuery
from gateway.service import Result, ScoringService
from gateway.settings import Settings

SERVICE = "scoring.v1.Scoring"

_DEFAULT_TOP_K = 3
_Context = grpc.aio.ServicerContext[bytes, bytes]


class GrpcApi:
    """The methods of scoring.v1.Scoring, from bytes to bytes."""

    def __init__(self, service: ScoringService, images: ImageService, settings: Settings) -> None:
        self._service = service
        self._max_body_bytes = settings.max_body_bytes

    def handler(self) -> grpc.GenericRpcHandler:
        """Return what a gRPC server needs to serve these methods."""
        method: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(self.match_faq)
        return grpc.method_handlers_generic_handler(SERVICE, {"MatchFaq": method})

    async def match_faq(self, payload: bytes, context: _Context) -> bytes:
        """Answer one question or several; errors end the call with a status and its details."""
        try:
            _check_size(payload, self._max_body_bytes)
            answer = await self._service.match(_query(payload), monotonic())
        except ScoringError as error:
            await _abort(context, error)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not show its text to anyone
            await _abort(context, internal_fault(error, "gRPC"))
        context.set_trailing_metadata((("server-timing", answer.server_timing()),))
        model = scoring_pb2.ModelVersion(name=self._service.model, version=answer.catalog.version)
        reply = scoring_pb2.MatchFaqReply(results=[_result(each) for each in answer.results], model=model)
        return reply.SerializeToString()


def _check_size(payload: bytes, limit: int) -> None:
    if len(payload) > limit:
        raise BodyTooLargeError(
            f"The message must have at most {limit} bytes.", field="body", limit=limit, received=len(payload)
        )


def _query(payload: bytes) -> FaqQuery:
    try:
        request = scoring_pb2.MatchFaqRequest.FromString(payload)
    except DecodeError:
        raise MalformedBodyError("The message is not a valid MatchFaqRequest, or its text is not UTF-8.") from None
    question = request.question if request.HasField("question") else None
    top_k = request.top_k if request.HasField("top_k") else _DEFAULT_TOP_K
    return FaqQuery(question, request.questions or None, top_k)


def _result(result: Result) -> scoring_pb2.FaqResult:
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


async def _abort(context: _Context, error: ScoringError) -> NoReturn:
    code = grpc.StatusCode[STATUS[type(error)].grpc]
    number: int = code.value[0]
    status = status_pb2.Status(
        code=number, message=describe(error), details=[_packed(each) for each in _details(error)]
    )
    metadata = (("grpc-status-details-bin", status.SerializeToString()),)
    await context.abort(code, status.message, metadata)


def _details(error: ScoringError) -> list[Message]:
    """Return the details of https://cloud.google.com/apis/design/errors: machine-readable reason, field, delay."""
    slug = STATUS[type(error)].slug
    facts: dict[str, Any] = {"limit": error.limit, "received": error.received}
    metadata = {name: str(value) for name, value in facts.items() if value is not None}
    reason = slug.replace("-", "_").upper()
    details: list[Message] = [error_details_pb2.ErrorInfo(reason=reason, domain=SERVICE, metadata=metadata)]
    if error.field is not None:
        violation = error_details_pb2.BadRequest.FieldViolation(field=error.field, description=error.detail)
        details.append(error_details_pb2.BadRequest(field_violations=[violation]))
    if isinstance(error, UnavailableError):
        details.append(error_details_pb2.RetryInfo(retry_delay=Duration(seconds=error.retry_after)))
    return details


def _packed(message: Message) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(message)
    return packed
