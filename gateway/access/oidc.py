"""OpenID Connect bearer tokens: who has one that the issuer made for this service is a client.

PyJWT and cryptography verify; algorithms are ours to choose, never the token's. Sources: RFC 7519 (JWT), RFC 8725 (its
best current practices).
"""

import binascii
from base64 import urlsafe_b64decode
from collections import OrderedDict
from math import inf
from time import time
from typing import NamedTuple

import jwt
import msgspec

from gateway.access.client import Client
from gateway.access.key import digest
from gateway.access.oidc_claims import Claims
from gateway.access.oidc_keys import ALGORITHMS, IssuerKeys, is_address
from gateway.errors import UnauthenticatedError
from gateway.settings import Settings, SettingsError

MOST_BYTES = 16_384
LEEWAY = 30.0  # seconds that clocks may differ
_REMEMBERED = 4096  # verified tokens

_FAULTS: tuple[tuple[type[jwt.PyJWTError], str], ...] = (  # the first that fits
    (jwt.ExpiredSignatureError, "The token has expired."),
    (jwt.ImmatureSignatureError, "The token is not valid yet."),
    (jwt.InvalidAudienceError, "The token is made for another audience."),
    (jwt.InvalidIssuerError, "The token comes from another issuer."),
    (jwt.InvalidAlgorithmError, "The token is signed with another algorithm than its key is for."),
    (jwt.MissingRequiredClaimError, "The token lacks one of the claims aud, exp, iss and sub."),
    (jwt.InvalidSignatureError, "The token's signature is wrong."),
    (jwt.PyJWTError, "The token is malformed."),
)


class _Header(msgspec.Struct):
    alg: str = ""
    kid: str = ""


class _Verified(NamedTuple):
    client: Client
    expires: float  # seconds since 1970


class Tokens:
    """Verifies tokens, each once: those verified are remembered by digest while they and their keys are valid."""

    def __init__(self, settings: Settings) -> None:
        """Read the settings. Raises SettingsError."""
        if not is_address(settings.oidc_issuer, plain=True):
            raise SettingsError(
                f"SCORING_OIDC_ISSUER={settings.oidc_issuer!r}: expected an https address (http on this machine alone)"
            )
        if not settings.oidc_audience:
            raise SettingsError(
                "SCORING_OIDC_AUDIENCE='': expected the audience that tokens of SCORING_OIDC_ISSUER must be made for"
            )
        self._claims = Claims(settings)
        self._issuer = settings.oidc_issuer
        self._audience = settings.oidc_audience
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()
        self.keys = IssuerKeys(settings.oidc_issuer, self._verified.clear)

    async def client(self, token: bytes, until: float = inf) -> Client:
        """Return whom a token belongs to, waiting only where its issuer must be asked for a key, and not longer.

        Raises UnauthenticatedError, IssuerUnavailableError.
        """
        if len(token) > MOST_BYTES:
            raise UnauthenticatedError(
                "The token is too long.", field="authorization", limit=MOST_BYTES, received=len(token)
            )
        shown = digest(token)
        known = self._verified.get(shown)
        if known is None or time() >= known.expires:
            known = self._verify(token, await self.keys.key(_key_id(token), until))
            self._verified[shown] = known
            if len(self._verified) > _REMEMBERED:
                self._verified.popitem(last=False)
        self._verified.move_to_end(shown)
        return known.client

    def _verify(self, token: bytes, key: jwt.PyJWK) -> _Verified:
        try:
            claims = jwt.decode(
                token,
                key,
                ALGORITHMS,
                {"require": ["aud", "exp", "iss", "sub"]},
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY,
            )
        except jwt.PyJWTError as error:
            text = next(text for kind, text in _FAULTS if isinstance(error, kind))
            raise UnauthenticatedError(text, field="authorization") from None
        return _Verified(self._claims.client(claims), float(claims["exp"]))


def _key_id(token: bytes) -> str:
    """Return which key a token says it is signed with. Costs next to nothing, so garbage does."""
    segment = token.partition(b".")[0]
    try:
        if token.count(b".") != 2:
            raise ValueError("a token has three parts")
        header = msgspec.json.decode(urlsafe_b64decode(segment + b"=" * (-len(segment) % 4)), type=_Header)
    except (ValueError, binascii.Error, msgspec.MsgspecError, RecursionError):
        raise UnauthenticatedError("This is neither an API key nor a token (JWT).", field="authorization") from None
    if header.alg not in ALGORITHMS:
        raise UnauthenticatedError(
            "The token is signed with an algorithm that is not accepted.",
            field="authorization",
            limit=", ".join(ALGORITHMS),
        )
    return header.kid
