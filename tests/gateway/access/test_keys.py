"""Keys that are looked up."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest

from gateway.access.client import Client, Quota, Scope
from gateway.access.key_file import parse
from gateway.access.keys import Keys
from gateway.errors import UnauthenticatedError
from gateway.settings import Settings
from tests.gateway.access.conftest import document, entry

KEY = "rts_k3f9a2_" + "a" * 43
OTHER = "rts_k77777_" + "b" * 43


def keys(*entries: dict[str, object], **clients: dict[str, object]) -> Keys:
    """Return the keys of a file."""
    return Keys(parse(document(*entries, **clients)), Settings(client_rate=7))


def test_several_keys_of_one_client() -> None:
    """Each key has its scopes; they share the client's name, which shares the quota."""
    found = keys(entry(KEY), entry(OTHER, scopes=["image", "admin"]), web={"rate": 3, "burst": 9, "concurrent": 2})
    assert found.client(KEY.encode()) == Client("web", frozenset({Scope.FAQ}), Quota(3, 9, 2), "web")
    other = found.client(OTHER.encode())
    assert other == Client("web", frozenset({Scope.IMAGE, Scope.ADMIN}), Quota(3, 9, 2), "web")
    assert len(found) == 2


def test_a_client_without_a_quota_has_the_settings() -> None:
    """What the file does not name is taken from the settings."""
    client = keys(entry(KEY)).client(KEY.encode())
    assert client is not None
    assert client.quota == Quota(7, 7)


@pytest.mark.parametrize(
    "shown",
    [
        b"",
        b"rts_",
        KEY.encode()[:-1],
        KEY.encode() + b"a",
        KEY.encode() + b"\0",
        b" " + KEY.encode(),
        KEY.upper().encode(),
        KEY.encode("utf-16"),
        "rts_é".encode("latin-1"),
        b"rts_k3f9a2_" + b"a" * 100_000,
        bytes(range(256)),
    ],
)
def test_nobody_has_another_key(shown: bytes) -> None:
    """Whatever is not a key to the byte is nobody's."""
    assert keys(entry(KEY)).client(shown) is None


def test_the_digest_is_no_key() -> None:
    """Who has read the key file cannot ask with what stands in it."""
    known = entry(KEY)
    assert keys(known).client(known["sha256"].encode()) is None
    assert keys(known).client(bytes.fromhex(known["sha256"])) is None


def test_an_expired_key_is_named() -> None:
    """A key that has expired is refused by its id, with the date, whatever time zone it was written in."""
    found = keys(entry(KEY, expires="2026-01-31T01:30:00+02:00"))
    with pytest.raises(UnauthenticatedError) as caught:
        found.client(KEY.encode())
    assert re.match("The key k3f9a2 has expired on 2026-01-30 at 23:30 UTC; ", caught.value.detail)


def test_a_key_expires_while_it_is_used() -> None:
    """Expiry is looked at when a key is shown, not when the file is read."""
    soon = datetime.now(UTC) + timedelta(seconds=2)
    found = keys(entry(KEY, expires=soon.isoformat()))
    assert found.client(KEY.encode())
    time.sleep(2.1)
    with pytest.raises(UnauthenticatedError):
        found.client(KEY.encode())
