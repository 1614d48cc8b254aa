"""What the operations of the OpenAPI document share: headers, parameters, keys, and replies by kind of error."""

from typing import Any

from gateway.access.client import Scope
from gateway.errors import (
    STATUS,
    ForbiddenError,
    IssuerUnavailableError,
    QuotaExceededError,
    ScoringError,
    UnauthenticatedError,
    UnavailableError,
)
from gateway.settings import Settings

Json = dict[str, Any]
Errors = tuple[type[ScoringError], ...]

_RATE = "https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/"
_TRACE = "https://www.w3.org/TR/trace-context/"

_KEY = "An API key made by scoring keys new"
_TOKEN = "a token of the OpenID Connect issuer"  # noqa: S105 - a sentence about tokens

# Each may stand in the replies whose description names it.
HEADERS: Json = {
    "Retry-After": {
        "description": "Whole seconds after which the same request may succeed.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {
        "description": "How to authenticate: Bearer.",
        "required": True,
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": f"Where the client has a rate: its quota and the seconds that it is for ({_RATE}).",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": f"Where the client has a rate: what is left of it, and seconds until there is more ({_RATE}).",
        "schema": {"type": "string"},
    },
    "Server-Timing": {
        "description": "Milliseconds: until the body was there (read) and ready for the model (decode), in wait of a "
        "place in a call to it (wait), in that call (infer), and for the reply (encode); how many questions or images "
        "shared the call (batch).",
        "required": True,
        "schema": {"type": "string"},
    },
    "traceresponse": {
        "description": f"The trace that the request became part of ({_TRACE}).",
        "required": True,
        "schema": {"type": "string"},
    },
}
RATE = ("RateLimit-Policy", "RateLimit")


def parameters(settings: Settings) -> Json:
    """Return the headers that every scoring request may carry, by name."""
    timeout = (
        f"Seconds that the answer may take, {settings.deadline:g} unless given; more than {settings.max_deadline:g} "
        "are cut to that. What cannot be answered in time is refused at once."
    )
    trace = f"The trace that the request is part of ({_TRACE}); one that cannot be read is ignored."
    return {
        "Request-Timeout": header("Request-Timeout", timeout, {"type": "number", "exclusiveMinimum": 0}),
        "traceparent": header("traceparent", trace, {"type": "string"}),
    }


def header(name: str, description: str, kind: Json) -> Json:
    """Describe a request header that may be left out."""
    return {"name": name, "in": "header", "required": False, "description": description, "schema": kind}


def security_schemes(settings: Settings) -> Json:
    """Return the ways to authenticate that these settings offer, by name; none where nobody is asked to."""
    if not asks_for_keys(settings):
        return {}
    given = " or ".join([_KEY] * bool(settings.keys_file) + [_TOKEN] * bool(settings.oidc_issuer))
    schemes: Json = {"bearer": {"type": "http", "scheme": "bearer", "description": f"{given}."}}
    if settings.keys_file:
        schemes["key"] = {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": f"{_KEY}."}
    return schemes


def asks_for_keys(settings: Settings) -> bool:
    """Whether requests need an API key or a token."""
    return bool(settings.keys_file or settings.oidc_issuer)


def security(scope: Scope | None, settings: Settings) -> Json:
    """Return what an operation needs of a client: one of the schemes, with the scope (None: any)."""
    schemes = security_schemes(settings)
    return {"security": [{name: [scope] if scope else []} for name in schemes]} if schemes else {}


def door_errors(scope: Scope | None, settings: Settings) -> Errors:
    """Return how a request can be turned away before anything is done for it."""
    keys: Errors = (UnauthenticatedError, ForbiddenError) if scope else (UnauthenticatedError,)
    tokens: Errors = (IssuerUnavailableError,) if settings.oidc_issuer else ()
    return (*(keys if asks_for_keys(settings) else ()), *tokens, QuotaExceededError)


def replies(success: Json, errors: Errors) -> Json:
    """Return the replies by status; of several errors with one status, name the first."""
    answers = {"200": success}
    for error in sorted(errors, key=lambda each: STATUS[each].http):
        status = STATUS[error]
        problem = content(status.title, "application/problem+json", reference("schemas", "Problem"), _headers(error))
        answers.setdefault(str(status.http), problem)
    return answers


def _headers(error: type[ScoringError]) -> tuple[str, ...]:
    if error is UnauthenticatedError:
        return ("WWW-Authenticate",)
    if error is QuotaExceededError:
        return ("Retry-After", *RATE)
    return ("Retry-After",) if issubclass(error, UnavailableError) else ()


def content(description: str, media_type: str, contents: Json, headers: tuple[str, ...] = ()) -> Json:
    """Describe one reply."""
    return {
        "description": description,
        "headers": {name: reference("headers", name) for name in (*headers, "traceresponse")},
        "content": {media_type: {"schema": contents}},
    }


def reference(kind: str, name: str) -> Json:
    """Point to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}
