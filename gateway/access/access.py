"""Tells who a request comes from: an API key, an OpenID Connect token, or nothing where nothing is asked for."""

from dataclasses import replace
from math import inf

from gateway.access.client import ANONYMOUS, Client
from gateway.access.credentials import presented
from gateway.access.default_quota import quota
from gateway.access.key import PREFIX
from gateway.access.key_watch import KeyWatch
from gateway.access.oidc import Tokens
from gateway.errors import UnauthenticatedError
from gateway.settings import Settings

_PREFIX = PREFIX.encode()


class Access:
    """The service's clients."""

    def __init__(self, settings: Settings) -> None:
        """Read the key file. Raises SettingsError when it, or what is said of tokens, cannot be used."""
        self._anonymous = replace(ANONYMOUS, quota=quota(settings))
        self._watch = KeyWatch(settings) if settings.keys_file else None
        self._tokens = Tokens(settings) if settings.oidc_issuer or settings.oidc_audience else None

    @property
    def required(self) -> bool:
        """Whether a request must carry a key or a token."""
        return self._watch is not None or self._tokens is not None

    async def start(self) -> None:
        """Follow the key file and the issuer's keys from now on; neither has to be there."""
        if self._watch:
            self._watch.start()
        if self._tokens:
            self._tokens.keys.start()

    async def close(self) -> None:
        """Stop following them."""
        if self._watch:
            await self._watch.close()
        if self._tokens:
            await self._tokens.keys.close()

    async def client(self, authorization: bytes, api_key: bytes, until: float = inf) -> Client:
        """Return whom these two headers' values belong to; for a key, without ever waiting.

        For a token whose issuer must be asked, until that `monotonic` time at most.
        Raises UnauthenticatedError, IssuerUnavailableError.
        """
        if self._watch is None and self._tokens is None:
            return self._anonymous
        credential = presented(authorization, api_key)
        if self._watch is not None and (client := self._watch.keys.client(credential)):
            return client
        if self._tokens is not None and not credential.startswith(_PREFIX):
            return await self._tokens.client(credential, until)
        raise UnauthenticatedError(
            "The API key is not known; it was revoked, or has not been copied whole.", field="authorization"
        )
