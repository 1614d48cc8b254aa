"""The keys that are valid now, looked up by digest."""

from collections.abc import Iterable
from datetime import UTC, datetime
from hmac import compare_digest
from math import inf
from time import time
from typing import NamedTuple

from gateway.access.client import Client, Scope
from gateway.access.default_quota import quota
from gateway.access.key import LONGEST, digest
from gateway.access.key_file import KeyEntry, KeyFile
from gateway.errors import UnauthenticatedError
from gateway.settings import Settings


class _Known(NamedTuple):
    digest: bytes
    id: str
    client: Client
    expires: float  # seconds since 1970


class Keys:
    """The clients of one state of the key file."""

    def __init__(self, content: KeyFile, settings: Settings) -> None:
        self._known = {known.digest: known for known in _known(content, settings)}

    def __len__(self) -> int:
        return len(self._known)

    def client(self, key: bytes) -> Client | None:
        """Return whom a key belongs to, None where nobody has it. Raises UnauthenticatedError when it has expired.

        No time that can be measured depends on the key: what is looked up is its digest, which nobody can aim.
        """
        if len(key) > LONGEST:
            return None
        shown = digest(key)
        known = self._known.get(shown)
        if known is None or not compare_digest(known.digest, shown):
            return None
        if time() >= known.expires:
            raise UnauthenticatedError(_expired(known), field="authorization")
        return known.client


def _known(content: KeyFile, settings: Settings) -> Iterable[_Known]:
    for key in content.keys:
        expires = key.expires.timestamp() if key.expires else inf
        yield _Known(bytes.fromhex(key.sha256), key.id, _client(key, content, settings), expires)


def _client(key: KeyEntry, content: KeyFile, settings: Settings) -> Client:
    own = content.clients[key.client]
    limits = quota(settings, own.rate, own.burst, own.concurrent)
    return Client(key.client, frozenset(map(Scope, key.scopes)), limits, label=key.client)


def _expired(known: _Known) -> str:
    moment = datetime.fromtimestamp(known.expires, UTC)
    return f"The key {known.id} has expired on {moment:%Y-%m-%d at %H:%M} UTC; ask the operator for a new one."
