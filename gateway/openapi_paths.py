"""The paths of the OpenAPI document: what each takes, answers, and can go wrong with."""

from gateway.access.client import Scope
from gateway.errors import (
    BodyTooLargeError,
    CatalogUnavailableError,
    DeadlineExceededError,
    InternalFaultError,
    InvalidFieldError,
    MalformedBodyError,
    ModelFaultError,
    NotReadyError,
    OverloadedError,
    SlowBodyError,
    UnsupportedMediaTypeError,
)
from gateway.openapi_parts import RATE, Errors, Json, content, door_errors, parameters, reference, replies, security
from gateway.settings import Settings
from gateway.telemetry.exposition import Exposition
from preprocessing.image import MEDIA_TYPES

_QUESTION = "How do I check whether an array contains a value?"
_FILE = "@photo.jpg"  # as curl names a file whose content is to be sent
_PICTURE = "UklGRiQAAABXRUJQVlA4IBgAAABQAQCdASoQABAADMDOJaQABHQAAAAAAAA="  # WebP, 16x16, grey

# One error for each status: OverloadedError's 503 stands for every reason to try again later.
_SCORING_ERRORS: Errors = (
    MalformedBodyError,
    SlowBodyError,
    BodyTooLargeError,
    InvalidFieldError,
    InternalFaultError,
    ModelFaultError,
    OverloadedError,
    DeadlineExceededError,
)
_BODY_ERRORS: Errors = (*_SCORING_ERRORS, UnsupportedMediaTypeError)


def paths(settings: Settings) -> dict[str, Json]:
    """Return the operations by path and method."""
    return {**_faq_paths(settings), **_image_paths(settings), **_status_paths(settings)}


def _faq_paths(settings: Settings) -> dict[str, Json]:
    reply = {"oneOf": [_schema("MatchReply"), _schema("MatchListReply")]}
    match = _scoring("matchFaq", "Rank the FAQ entries for one question or several.", reply, Scope.FAQ, settings)
    match["requestBody"] = _body({"application/json": _typed("MatchRequest", {"question": _QUESTION, "top_k": 3})})
    text = {"type": "string", "description": "The JSON text of [[question id, answer id, probability], ...]."}
    legacy = _scoring(
        "scoreFaq2019", "The contract of the 2019 FAQ service.", text, Scope.FAQ, settings, _SCORING_ERRORS
    )
    del legacy["responses"]["200"]["headers"]["Server-Timing"]  # the old services told no times
    legacy["requestBody"] = _body({"application/json": _typed("LegacyRequest", {"input": _QUESTION})})
    return {"/v1/faq/match": {"post": match}, "/api/v1/service/faq/score": {"post": legacy}}


def _image_paths(settings: Settings) -> dict[str, Json]:
    return {
        "/v1/images/classify": {"post": _classify(settings)},
        "/api/v1/service/image/score": {"post": _legacy_image(settings)},
    }


def _classify(settings: Settings) -> Json:
    reply = {"oneOf": [_schema("ClassifyReply"), _schema("ClassifyListReply")]}
    summary = "Rank ImageNet's classes for one image or several."
    classify = _scoring("classifyImage", summary, reply, Scope.IMAGE, settings)
    classify["parameters"].insert(0, _top_k())
    form = {"schema": _schema("ClassifyForm"), "x-curl": {"image": _FILE, "top_k": 3}}
    raw = {"x-curl": _FILE}  # OpenAPI 3.1 leaves the schema of bytes out
    media = [*sorted(MEDIA_TYPES.values()), "application/octet-stream"]
    classify["requestBody"] = _body(
        {
            **dict.fromkeys(media, raw),
            "multipart/form-data": form,
            "application/json": _typed("ClassifyRequest", {"image": _PICTURE, "top_k": 3}),
        },
        f"An image file, at most {settings.max_image_bytes:,} bytes and {settings.max_image_pixels:,} pixels; or a "
        f"form or JSON with {settings.max_images} of them at most; {settings.max_image_body_bytes:,} bytes in all.",
    )
    return classify


def _legacy_image(settings: Settings) -> Json:
    rows = {
        "type": "array",
        "description": '[{name: [[wnid, label, probability], ...]}, "Computed in 12.3 ms"]',
    }
    legacy = _scoring("scoreImage2019", "The contract of the 2019 image service.", rows, Scope.IMAGE, settings)
    named = {"type": "object", "description": "Image files by names of yours.", "additionalProperties": {}}
    del legacy["responses"]["200"]["headers"]["Server-Timing"]  # the old services told no times
    legacy["requestBody"] = _body(
        {
            "multipart/form-data": {"schema": named, "x-curl": {"image": _FILE}},
            "application/json": _typed("LegacyImageRequest", {"input": {"image": _PICTURE}}),
        }
    )
    return legacy


def _status_paths(settings: Settings) -> dict[str, Json]:
    ready = _public("ready", "Whether the models answer.", "Health", (NotReadyError, InvalidFieldError))
    names = [settings.faq_model, settings.image_model]
    ready["parameters"] = [_parameter("model", "The one model that counts.", {"type": "string", "enum": names})]
    return {
        "/v1/models": {"get": _models(settings)},
        "/livez": {"get": _public("live", "Whether the process answers.", "Alive", ())},
        "/readyz": {"get": ready},
        "/metrics": {"get": _metrics(settings)},
    }


def _models(settings: Settings) -> Json:
    answer = content("Success.", "application/json", _schema("ModelsReply"), RATE)
    errors: Errors = (CatalogUnavailableError, InternalFaultError, *door_errors(None, settings))
    operation = _operation("models", "The models that answer.", replies(answer, errors))
    return operation | security(None, settings)


def _metrics(settings: Settings) -> Json:
    text = {"type": "string", "description": "What all workers of the gateway count, as Prometheus reads it."}
    answer = content("Success.", Exposition.content_type, text, RATE)
    errors: Errors = (InternalFaultError, *door_errors(Scope.ADMIN, settings))
    return _operation("metrics", "Metrics for Prometheus.", replies(answer, errors)) | security(Scope.ADMIN, settings)


def _public(name: str, summary: str, reply: str, errors: Errors) -> Json:
    answer = content("Success.", "application/json", _schema(reply))
    return _operation(name, summary, replies(answer, errors))


def _scoring(
    name: str, summary: str, reply: Json, scope: Scope, settings: Settings, errors: Errors = _BODY_ERRORS
) -> Json:
    answer = content("Success.", "application/json", reply, ("Server-Timing", *RATE))
    operation = _operation(name, summary, replies(answer, (*errors, *door_errors(scope, settings))))
    operation["parameters"] = [reference("parameters", each) for each in parameters(settings)]
    return operation | security(scope, settings)


def _operation(name: str, summary: str, responses: Json) -> Json:
    return {"operationId": name, "summary": summary, "responses": responses}


def _top_k() -> Json:
    text = "How many classes to return for an image; a form or JSON may hold it instead."
    return _parameter("top_k", text, {"type": "integer", "minimum": 1, "default": 3})


def _parameter(name: str, description: str, kind: Json) -> Json:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": kind}


def _body(media: dict[str, Json], description: str | None = None) -> Json:
    body = {"required": True, "content": media}
    return body if description is None else {"description": description, **body}


def _typed(name: str, example: Json) -> Json:
    return {"schema": _schema(name), "example": example}


def _schema(name: str) -> Json:
    return reference("schemas", name)
