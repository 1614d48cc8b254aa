"""The OpenAPI 3.1 document, made from the very types that requests are decoded with."""

from importlib.metadata import version
from typing import Any

import msgspec

from gateway import openapi_parts, schema
from gateway.errors import STATUS
from gateway.openapi_paths import paths
from gateway.settings import Settings

_Json = dict[str, Any]

_TYPES = (
    schema.MatchRequest,
    schema.MatchReply,
    schema.MatchListReply,
    schema.ClassifyRequest,
    schema.ClassifyReply,
    schema.ClassifyListReply,
    schema.LegacyRequest,
    schema.LegacyImageRequest,
    schema.ModelsReply,
    schema.Health,
    schema.Alive,
    schema.Problem,
)
_ALTERNATIVES = (
    ("MatchRequest", "question", "questions"),
    ("ClassifyRequest", "image", "images"),
    ("ClassifyForm", "image", "images"),
)


def document(settings: Settings) -> bytes:
    """Return the document as JSON, with the limits that these settings impose."""
    _, components = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
    components["ClassifyForm"] = _form(components["ClassifyRequest"])
    _add_limits(components, settings)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Real-time scoring",
                "version": version("realtime-scoring"),
                "description": "Matches questions to the entries of a FAQ, and names what pictures show. "
                "The same service speaks gRPC: scoring.v1.",
            },
            "paths": paths(settings),
            "components": {
                "schemas": components,
                "parameters": openapi_parts.parameters(settings),
                "headers": openapi_parts.HEADERS,
                "securitySchemes": openapi_parts.security_schemes(settings),
            },
            "x-problems": _problems(),
        }
    )


def _form(request: _Json) -> _Json:
    """Return the schema of a form: as the JSON request, but that files are sent as they are."""
    file = {"description": "A JPEG, PNG, WebP, GIF, BMP or TIFF file, with its media type or none."}
    several = {"type": "array", "items": file, "description": "Several images, answered in this order."}
    properties = {"image": file, "images": several, "top_k": dict(request["properties"]["top_k"])}
    return {"title": "ClassifyForm", "description": request["description"], "type": "object", "properties": properties}


def _add_limits(components: dict[str, _Json], settings: Settings) -> None:
    text = {"minLength": 1, "maxLength": settings.max_question_length}
    questions = {"minItems": 1, "maxItems": settings.max_questions}
    images = {"minItems": 1, "maxItems": settings.max_images}
    match = components["MatchRequest"]["properties"]
    match["question"].update(text)
    match["questions"].update(questions)
    match["questions"]["items"].update(text)
    components["LegacyRequest"]["properties"]["input"].update(text)
    components["LegacyImageRequest"]["properties"]["input"].update(minProperties=1, maxProperties=settings.max_images)
    for name in ("ClassifyRequest", "ClassifyForm"):
        components[name]["properties"]["images"].update(images)
    for name, one, several in _ALTERNATIVES:
        components[name]["oneOf"] = [{"required": [one]}, {"required": [several]}]


def _problems() -> list[_Json]:
    return [
        {"slug": status.slug, "title": status.title, "http": status.http, "grpc": status.grpc, "meaning": error.__doc__}
        for error, status in sorted(STATUS.items(), key=lambda each: each[1].http)
    ]
