"""What a request shows to say who it is: `Authorization: Bearer ...` or `X-API-Key: ...`."""

from gateway.errors import UnauthenticatedError

_BEARER = b"bearer "
_WHITESPACE = b" \t"


def presented(authorization: bytes, api_key: bytes) -> bytes:
    """Return the key or token of a request. Raises UnauthenticatedError where there is none, or two.

    What was sent is never repeated: a scheme that is none may be a key.
    """
    api_key = api_key.strip(_WHITESPACE)
    if not authorization:
        if api_key:
            return api_key
        raise UnauthenticatedError(
            "No API key or token was sent; send one as Authorization: Bearer KEY, or as X-API-Key: KEY.",
            field="authorization",
        )
    if authorization[:7].lower() != _BEARER:
        raise UnauthenticatedError(
            "The Authorization header is of another kind than Bearer; send Authorization: Bearer KEY.",
            field="authorization",
            limit="Bearer",
        )
    credential = authorization[7:].strip(_WHITESPACE)
    if api_key and api_key != credential:
        raise UnauthenticatedError(
            "Authorization and X-API-Key differ; send one of them, or the same key in both.", field="x-api-key"
        )
    return credential
