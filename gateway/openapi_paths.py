"""The paths of the OpenAPI document: what each takes, answers, and can go wrong with."""

from typing import Any

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
    SlowBodyError,
    UnsupportedMediaTypeError,
)
from gateway.settings import Settings
from preprocessing.image import MEDIA_TYPES

_Json = dict[str, Any]
_Errors = tuple[type[ScoringError], ...]

_QUESTION = "How do I check whether an array contains a value?"
_FILE = "@photo.jpg"  # as curl names a file whose content is to be sent
_PICTURE = "UklGRiQAAABXRUJQVlA4IBgAAABQAQCdASoQABAADMDOJaQABHQAAAAAAAA="  # WebP, 16x16, grey

# One error for each status: OverloadedError's 503 stands for every reason to try again later.
_SCORING_ERRORS: _Errors = (
    MalformedBodyError,
    SlowBodyError,
    BodyTooLargeError,
    InvalidFieldError,
    InternalFaultError,
    ModelFaultError,
    OverloadedError,
    DeadlineExceededError,
)
_BODY_ERRORS: _Errors = (*_SCORING_ERRORS, UnsupportedMediaTypeError)


def paths(settings: Settings) -> dict[str, _Json]:
    """Return the operations by path and method."""
    return {**_faq_paths(), **_image_paths(settings), **_status_paths(settings)}


def _faq_paths() -> dict[str, _Json]:
    reply = {"oneOf": [_reference("MatchReply"), _reference("MatchListReply")]}
    match = _operation("matchFaq", "Rank the FAQ entries for one question or several.", reply, _BODY_ERRORS)
    match["requestBody"] = _body({"application/json": _typed("MatchRequest", {"question": _QUESTION, "top_k": 3})})
    text = {"type": "string", "description": "The JSON text of [[question id, answer id, probability], ...]."}
    legacy = _operation("scoreFaq2019", "The contract of the 2019 FAQ service.", text, _SCORING_ERRORS)
    legacy["requestBody"] = _body({"application/json": _typed("LegacyRequest", {"input": _QUESTION})})
    return {"/v1/faq/match": {"post": match}, "/api/v1/service/faq/score": {"post": legacy}}


def _image_paths(settings: Settings) -> dict[str, _Json]:
    reply = {"oneOf": [_reference("ClassifyReply"), _reference("ClassifyListReply")]}
    classify = _operation("classifyImage", "Rank ImageNet's classes for one image or several.", reply, _BODY_ERRORS)
    classify["parameters"] = [_top_k()]
    form = {"schema": _reference("ClassifyForm"), "example": {"image": _FILE, "top_k": 3}}
    raw = {"example": _FILE}  # OpenAPI 3.1 leaves the schema of bytes out
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
    rows = {
        "type": "array",
        "description": '[{name: [[wnid, label, probability], ...]}, "Computed in 12.3 ms"]',
    }
    legacy = _operation("scoreImage2019", "The contract of the 2019 image service.", rows, _BODY_ERRORS)
    named = {"type": "object", "description": "Image files by names of yours.", "additionalProperties": {}}
    legacy["requestBody"] = _body(
        {
            "multipart/form-data": {"schema": named, "example": {"image": _FILE}},
            "application/json": _typed("LegacyImageRequest", {"input": {"image": _PICTURE}}),
        }
    )
    return {"/v1/images/classify": {"post": classify}, "/api/v1/service/image/score": {"post": legacy}}


def _status_paths(settings: Settings) -> dict[str, _Json]:
    models, health = _reference("ModelsReply"), _reference("Health")
    ready = _operation("ready", "Whether the models answer.", health, (NotReadyError, InvalidFieldError))
    names = [settings.faq_model, settings.image_model]
    ready["parameters"] = [_parameter("model", "The one model that counts.", {"type": "string", "enum": names})]
    return {
        "/v1/models": {"get": _operation("models", "The models that answer.", models, (CatalogUnavailableError,))},
        "/livez": {"get": _operation("live", "Whether the process answers.", _reference("Alive"), ())},
        "/readyz": {"get": ready},
    }


def _operation(name: str, summary: str, reply: _Json, errors: _Errors) -> _Json:
    responses = {"200": _content("Success.", "application/json", reply)}
    for error in errors:
        status = STATUS[error]
        responses[str(status.http)] = _content(status.title, "application/problem+json", _reference("Problem"))
    return {"operationId": name, "summary": summary, "responses": responses}


def _top_k() -> _Json:
    text = "How many classes to return for an image; a form or JSON may hold it instead."
    return _parameter("top_k", text, {"type": "integer", "minimum": 1, "default": 3})


def _parameter(name: str, description: str, kind: _Json) -> _Json:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": kind}


def _body(content: dict[str, _Json], description: str | None = None) -> _Json:
    body = {"required": True, "content": content}
    return body if description is None else {"description": description, **body}


def _typed(name: str, example: _Json) -> _Json:
    return {"schema": _reference(name), "example": example}


def _content(description: str, media_type: str, contents: _Json) -> _Json:
    return {"description": description, "content": {media_type: {"schema": contents}}}


def _reference(name: str) -> _Json:
    return {"$ref": f"#/components/schemas/{name}"}
