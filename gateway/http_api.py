"""The HTTP API: protocol matters only; the scoring service does the rest."""

from contextlib import suppress

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway import pages
from gateway.asgi import App, Handler, Head, Post, Receive, Scope, Send, require_json
from gateway.decoding import decode
from gateway.errors import MethodNotAllowedError, ScoringError, UnknownPathError, internal_fault
from gateway.image_api import ImageApi
from gateway.image_service import ImageService
from gateway.intake import Intake
from gateway.legacy_api import LegacyApi, LegacyImageApi
from gateway.openapi import document
from gateway.problems import Headers, problem
from gateway.questions import FaqQuery
from gateway.readiness import Readiness
from gateway.schema import MatchRequest, Model
from gateway.service import Answer, Result, ScoringService
from gateway.settings import Settings
from gateway.status_api import StatusApi

_JSON = (b"content-type", b"application/json")
_BODIES = 16  # of the largest size that may be held at a time; of photos as phones make them, that is a hundred


class FaqApi:
    """POST /v1/faq/match: the hot path, from bytes to bytes."""

    def __init__(self, service: ScoringService) -> None:
        self._service = service
        self._decoder = msgspec.json.Decoder(MatchRequest)

    def choose(self, head: Head) -> Handler:
        """Take JSON only. Raises UnsupportedMediaTypeError."""
        require_json(head)
        return self.match

    async def match(self, body: bytes, arrival: float) -> tuple[Headers, bytes]:
        """Answer one question or several. Raises ScoringError."""
        request = decode(self._decoder, body)
        question = None if request.question is msgspec.UNSET else request.question
        questions = None if request.questions is msgspec.UNSET else request.questions
        answer = await self._service.match(FaqQuery(question, questions, request.top_k), arrival)
        model = msgspec.json.encode(Model(self._service.model, answer.catalog.version))
        if questions is None:
            return _headers(answer), b'{%b,"model":%b}' % (_result(answer.results[0]), model)
        results = b",".join([b"{%b}" % _result(result) for result in answer.results])
        return _headers(answer), b'{"results":[%b],"model":%b}' % (results, model)


def _result(result: Result) -> bytes:
    # The entries were serialised when the catalog was loaded; 7 digits are what a 32-bit probability holds.
    matches = b",".join([b"%b%.7g}" % (entry.json, probability) for entry, probability in result.matches])
    return b'"matches":[%b],"good_match":%b' % (matches, b"true" if result.good_match else b"false")


def _headers(answer: Answer) -> Headers:
    return [_JSON, (b"server-timing", answer.server_timing().encode())]


class HttpApi:
    """The ASGI application: the hot paths first, everything else through Starlette."""

    def __init__(self, service: ScoringService, images: ImageService, readiness: Readiness, settings: Settings) -> None:
        status = StatusApi(service, images, readiness, settings)
        small, large = settings.max_body_bytes, settings.max_image_body_bytes
        intake = Intake(_BODIES * max(small, large))
        image_api = ImageApi(images, settings.max_images)
        legacy_images = LegacyImageApi(images, settings.max_images)
        self._posts: dict[str, App] = {
            "/v1/faq/match": Post(FaqApi(service).choose, intake, max_body_bytes=small),
            "/v1/images/classify": Post(image_api.choose, intake, max_body_bytes=large),
            "/api/v1/service/faq/score": Post(LegacyApi(service).choose, intake, max_body_bytes=small),
            "/api/v1/service/image/score": Post(legacy_images.choose, intake, max_body_bytes=large),
        }
        self._others = Starlette(
            routes=[
                Route("/livez", status.livez),
                Route("/readyz", status.readyz),
                Route("/v1/models", status.models),
                Route("/openapi.json", pages.static(document(settings), "application/json")),
                Route("/docs", pages.page("docs.html")),
                Route("/", pages.page("demo.html")),
            ],
            exception_handlers={HTTPException: _http_error, ScoringError: _scoring_error, Exception: _fault},
        )
        self._others.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        post = self._posts.get(scope["path"]) if scope["type"] == "http" else None
        if post is not None:
            await post(scope, receive, send)
            return
        with suppress(Exception):  # _fault has answered and logged it; Starlette raises it once more
            await self._others(scope, receive, send)


async def _http_error(request: Request, error: Exception) -> Response:
    """Turn Starlette's own 404 and 405 into problem documents; OPTIONS tells what a path takes."""
    allow = (getattr(error, "headers", None) or {}).get("Allow")
    if allow is None:
        return _problem_response(UnknownPathError("Nothing lives at this path; /docs lists what there is."))
    methods = ", ".join(sorted({*allow.split(", "), "OPTIONS"}))
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={"allow": methods})
    return _problem_response(MethodNotAllowedError(f"This path takes {methods}.", allow=methods))


async def _scoring_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ScoringError)
    return _problem_response(error)


async def _fault(request: Request, error: Exception) -> Response:
    return _problem_response(internal_fault(error, "HTTP"))


def _problem_response(error: ScoringError) -> Response:
    status, headers, body = problem(error)
    return Response(body, status, {name.decode(): value.decode() for name, value in headers})
