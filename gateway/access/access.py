"""Tells who a request comes from: an API key, an OpenID Connect token, or nothing where nothing is asked for."""

from dataclasses import replace

from gateway.access.client import ANONYMOUS, Client
from gateway.access.credentials import presented
from gateway.access.default_quota import quota
from gateway.access.key_watch import KeyWatch
from gateway.errors import UnauthenticatedError
from gateway.settings import Settings


class Access:
    """The service's clients."""

    def __init__(self, settings: Settings) -> None:
        """Read the key file. Raises SettingsError when it, or what is said of tokens, cannot be used."""
        self._anonymous = replace(ANONYMOUS, quota=quota(settings))
        self._watch = KeyWatch(settings) if settings.keys_file else None

    @property
    def required(self) -> bool:
        """Whether a request must carry a key or a token."""
        return self._watch is not None

    async def start(self) -> None:
        """Follow the key file from now on."""
        if self._watch:
            self._watch.start()

    async def close(self) -> None:
        """Stop following it."""
        if self._watch:
            await self._watch.close()

    async def client(self, authorization: bytes, api_key: bytes) -> Client:
        """Return whom these two headers' values belong to; for a key, without ever waiting.

        Raises UnauthenticatedError.
        """
        if self._watch is None:
            return self._anonymous
        client = self._watch.keys.client(presented(authorization, api_key))
        if client is None:
            raise UnauthenticatedError(
                "The API key is not known; it was revoked, or has not been copied whole.", field="authorization"
            )
        return client
