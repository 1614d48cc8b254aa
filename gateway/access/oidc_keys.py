"""The public keys of an OpenID Connect issuer: discovered, kept, and fetched anew when they are old or one is missing.

Sources: OpenID Connect Discovery 1.0, section 4; RFC 7517 (JSON Web Key).
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from math import inf
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import jwt

from gateway.access.oidc_fetch import FetchError, fetch, in_thread
from gateway.errors import IssuerUnavailableError, UnauthenticatedError

_log = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")

LIFETIME = 3600.0  # seconds after which the keys are fetched anew
PAUSE = 10.0  # seconds between two attempts, however many tokens name keys that nobody has
_PATIENCE = 3.0  # seconds for discovery and keys together

_KINDS = ("RSA", "EC", "OKP")  # never "oct": with a shared secret, whoever verifies can sign


class IssuerKeys:
    """The keys that an issuer signs with now. An issuer that cannot be reached leaves those that are known."""

    def __init__(self, issuer: str, changed: Callable[[], None], pause: float = PAUSE) -> None:
        """Begin with none; `changed` is called when keys come or go."""
        self._pause = pause
        self._issuer = issuer
        self._changed = changed
        self._documents: list[Any] = []
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fault = "not asked yet"
        self._next = 0.0  # `monotonic` time from which the issuer may be asked again
        self._fetching: asyncio.Task[None] | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Fetch the keys now, and again whenever they are old."""
        self._task = asyncio.create_task(self._keep_fresh())

    async def close(self) -> None:
        """Fetch no more."""
        tasks = [task for task in (self._task, self._fetching) if task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def key(self, kid: str, until: float = inf) -> jwt.PyJWK:
        """Return the key of this id, asking the issuer where it is not known, until that `monotonic` time at most.

        Raises UnauthenticatedError where the issuer has none, IssuerUnavailableError where it cannot be asked.
        """
        if kid not in self._keys and (self._fetching or monotonic() >= self._next):
            with suppress(TimeoutError):
                async with asyncio.timeout(min(until - monotonic(), 2 * _PATIENCE)):  # the attempt ends by itself
                    await self._refresh()
        if kid in self._keys:
            return self._keys[kid]
        if self._fault or self._fetching:
            raise IssuerUnavailableError(
                "The token cannot be checked: its issuer does not answer.", retry_after=max(1, self._next - monotonic())
            )
        raise UnauthenticatedError(
            "The token is signed with a key that its issuer does not have.", field="authorization"
        )

    async def _keep_fresh(self) -> None:
        while True:
            await self._refresh()
            await asyncio.sleep(self._pause if self._fault else LIFETIME)

    async def _refresh(self) -> None:
        """Fetch the keys; all who want that at the same time share one attempt, which outlives each of them."""
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch())
            self._fetching.add_done_callback(self._fetched)
        await asyncio.shield(self._fetching)

    def _fetched(self, _: "asyncio.Task[None]") -> None:
        self._fetching = None
        self._next = monotonic() + self._pause

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                documents = await in_thread(lambda: _documents(self._issuer, monotonic() + _PATIENCE))
            self._take(documents)
            self._fault = ""
        except (FetchError, TimeoutError) as error:
            self._complain(str(error) or "too slow")

    def _take(self, documents: list[Any]) -> None:
        if documents == self._documents:
            return
        keys = {document["kid"]: key for document in documents if (key := _usable(document))}
        if not keys:
            raise FetchError("it lists no key that can be used")
        self._documents, self._keys = documents, keys
        self._changed()
        _log.info("the issuer signs with %d keys", len(keys))

    def _complain(self, fault: str) -> None:
        """Log a fault once, not at every attempt."""
        if fault != self._fault:
            self._fault = fault
            _log.error("the issuer's keys cannot be fetched: %s; those known stay valid", fault)


def is_address(text: str, *, plain: bool) -> bool:
    """Tell whether a text is an https address, or, where `plain`, an http one on this machine."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    loopback = host in {"localhost", "::1"} or (host or "").startswith("127.")
    return bool(host) and (parts.scheme == "https" or (plain and parts.scheme == "http" and loopback))


def _documents(issuer: str, until: float) -> list[Any]:
    discovered = fetch(issuer.rstrip("/") + "/.well-known/openid-configuration", until)
    if discovered.get("issuer") != issuer:
        raise FetchError("it calls itself by another name than SCORING_OIDC_ISSUER")
    address = discovered.get("jwks_uri")
    if not isinstance(address, str) or not is_address(address, plain=issuer.startswith("http:")):
        raise FetchError("its jwks_uri is no https address")
    documents = fetch(address, until).get("keys")
    if not isinstance(documents, list):
        raise FetchError("its jwks_uri lists no keys")
    return documents


def _usable(document: Any) -> jwt.PyJWK | None:
    """Return a key that can verify signatures, None for any other."""
    match document:
        case {"kty": str(kind), "kid": str()} if kind in _KINDS and "d" not in document:
            if document.get("use", "sig") != "sig":
                return None
        case _:
            return None
    try:
        key = jwt.PyJWK(document)
        fits = key.algorithm_name in ALGORITHMS and not key.Algorithm.check_key_length(key.key)
    except Exception:  # noqa: BLE001  PyJWT has many ways to say that this is no key; the others may be some
        return None
    return key if fits else None
