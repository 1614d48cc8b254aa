"""The OpenAPI 3.1 document, made from the very types that requests are decoded with."""

from importlib.metadata import version
from typing import Any

import msgspec

from gateway import schema
from gateway.errors import (
    STATUS,
    BodyTooLargeError,
    CatalogUnavailableError,
    DeadlineExceededError,
    InternalFaultError,
    InvalidFieldError,
    MalformedBodyError,
    ModelFaultError,
    NotReadyError,
    OverloadedError,
    ScoringError,
    UnsupportedMediaTypeError,
)
from gateway.settings import Settings

_Json = dict[str, Any]
_Errors = tuple[type[ScoringError], ...]

_TYPES = (
    schema.MatchRequest,
    schema.MatchReply,
    schema.MatchListReply,
    schema.LegacyRequest,
    schema.ModelsReply,
    schema.Health,
    schema.Problem,
)
_QUESTION = "How do I check whether an array contains a value?"

# One error for each status: OverloadedError's 503 stands for every reason to try again later.
_SCORING_ERRORS: _Errors = (
    MalformedBodyError,
    BodyTooLargeError,
    InvalidFieldError,
    InternalFaultError,
    ModelFaultError,
    OverloadedError,
    DeadlineExceededError,
)


def document(settings: Settings) -> bytes:
    """Return the document as JSON, with the limits that these settings impose."""
    _, components = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
    _add_limits(components, settings)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Real-time scoring",
                "version": version("realtime-scoring"),
                "description": "Matches questions to the entries of a FAQ. The same service speaks gRPC: scoring.v1.",
            },
            "paths": _paths(),
            "components": {"schemas": components},
            "x-problems": _problems(),
        }
    )


def _add_limits(components: dict[str, _Json], settings: Settings) -> None:
    text = {"minLength": 1, "maxLength": settings.max_question_length}
    match, legacy = components["MatchRequest"], components["LegacyRequest"]
    match["properties"]["question"].update(text)
    match["properties"]["questions"].update(minItems=1, maxItems=settings.max_questions)
    match["properties"]["questions"]["items"].update(text)
    match["oneOf"] = [{"required": ["question"]}, {"required": ["questions"]}]
    legacy["properties"]["input"].update(text)


def _paths() -> dict[str, _Json]:
    match = _operation(
        "matchFaq",
        "Rank the FAQ entries for one question or several.",
        {"oneOf": [_reference("MatchReply"), _reference("MatchListReply")]},
        (*_SCORING_ERRORS, UnsupportedMediaTypeError),
    )
    match["requestBody"] = _body("MatchRequest", {"question": _QUESTION, "top_k": 3})
    text = {"type": "string", "description": "The JSON text of [[question id, answer id, probability], ...]."}
    legacy = _operation("scoreFaq2019", "The contract of the 2019 service.", text, _SCORING_ERRORS)
    legacy["requestBody"] = _body("LegacyRequest", {"input": _QUESTION})
    models, health = _reference("ModelsReply"), _reference("Health")
    return {
        "/v1/faq/match": {"post": match},
        "/api/v1/service/faq/score": {"post": legacy},
        "/v1/models": {"get": _operation("models", "The models that answer.", models, (CatalogUnavailableError,))},
        "/livez": {"get": _operation("live", "Whether the process answers.", health, ())},
        "/readyz": {"get": _operation("ready", "Whether the golden question is answered.", health, (NotReadyError,))},
    }


def _operation(name: str, summary: str, reply: _Json, errors: _Errors) -> _Json:
    responses = {"200": _content("Success.", "application/json", reply)}
    for error in errors:
        status = STATUS[error]
        responses[str(status.http)] = _content(status.title, "application/problem+json", _reference("Problem"))
    return {"operationId": name, "summary": summary, "responses": responses}


def _body(name: str, example: _Json) -> _Json:
    return {"required": True, "content": {"application/json": {"schema": _reference(name), "example": example}}}


def _content(description: str, media_type: str, contents: _Json) -> _Json:
    return {"description": description, "content": {media_type: {"schema": contents}}}


def _reference(name: str) -> _Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _problems() -> list[_Json]:
    return [
        {"slug": status.slug, "title": status.title, "http": status.http, "grpc": status.grpc, "meaning": error.__doc__}
        for error, status in STATUS.items()
    ]
