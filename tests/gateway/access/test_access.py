"""Who a request comes from: keys, tokens, both, or nobody asks."""

import asyncio
from pathlib import Path

import pytest

from gateway.access.access import Access
from gateway.access.client import Client, Quota, Scope
from gateway.errors import ForbiddenError, IssuerUnavailableError, UnauthenticatedError
from gateway.settings import Settings, SettingsError
from tests.gateway.access.conftest import document, entry
from tests.gateway.access.issuer import AUDIENCE, OTHER_RSA_KEY, Issuer

KEY = "rts_k3f9a2_" + "a" * 43
OTHER = "rts_k77777_" + "b" * 43


@pytest.fixture
def keyed(key_file: Path) -> Settings:
    """Settings with one key."""
    key_file.write_bytes(document(entry(KEY)))
    return Settings(keys_file=str(key_file))


@pytest.fixture
def both(keyed: Settings, issuer: Issuer) -> Settings:
    """Settings with one key and an issuer."""
    return Settings(
        keys_file=keyed.keys_file, oidc_issuer=issuer.url, oidc_audience=AUDIENCE, oidc_scopes="Faq.Match=faq"
    )


@pytest.mark.parametrize("header", [b"", b"Bearer something", b"Basic x", b"\xff\0"])
async def test_where_nothing_is_asked_for(header: bytes) -> None:
    """Without keys and tokens everyone is the same client, whatever they show, with the settings' quota."""
    access = Access(Settings(client_rate=5, client_concurrent=2))
    assert not access.required
    await access.start()
    expected = Client("anonymous", frozenset(Scope), Quota(5, 5, 2), "anonymous")
    assert await access.client(header, header) == expected
    await access.close()


async def test_a_key_never_waits(keyed: Settings) -> None:
    """The client of a key is known without giving the event loop away."""
    access = Access(keyed)
    assert access.required
    for headers in ((f"Bearer {KEY}".encode(), b""), (b"", KEY.encode())):
        asking = access.client(*headers)
        with pytest.raises(StopIteration) as result:
            asking.send(None)
        assert result.value.value.name == "web"


@pytest.mark.parametrize(
    "shown", [b"", b"canary", OTHER.encode(), KEY.encode() + b" x", b"rts_" + b"c" * 100_000, b"\0"]
)
async def test_strangers_are_refused(keyed: Settings, shown: bytes) -> None:
    """Whoever shows no key, or another one, gets an error that repeats nothing of it."""
    with pytest.raises(UnauthenticatedError) as caught:
        await Access(keyed).client(b"Bearer " + shown, b"")
    assert caught.value.field == "authorization"
    assert "canary" not in caught.value.detail
    assert "b" * 43 not in caught.value.detail


async def test_a_scope_that_is_not_there(keyed: Settings) -> None:
    """A known client may do what its key allows and nothing else."""
    client = await Access(keyed).client(b"", KEY.encode())
    client.require(Scope.FAQ)
    with pytest.raises(ForbiddenError, match="image"):
        client.require(Scope.IMAGE)


async def test_keys_and_tokens_side_by_side(both: Settings, issuer: Issuer) -> None:
    """Both let their clients in, through either header; what begins as a key is never taken for a token."""
    access = Access(both)
    assert (await access.client(b"", KEY.encode())).name == "web"
    with pytest.raises(UnauthenticatedError, match="The API key is not known"):
        await access.client(b"Bearer " + OTHER.encode(), b"")
    assert issuer.requests == []
    token = issuer.token()
    for headers in ((b"Bearer " + token, b""), (b"", token), (b"bearer " + token, token)):
        client = await access.client(*headers)
        assert client.name.startswith("oidc:")
        assert client.scopes == {Scope.FAQ}
    with pytest.raises(UnauthenticatedError, match="differ"):
        await access.client(b"Bearer " + token, KEY.encode())


async def test_tokens_alone(issuer: Issuer) -> None:
    """Without a key file, a key is nobody's."""
    access = Access(Settings(oidc_issuer=issuer.url, oidc_audience=AUDIENCE))
    assert access.required
    assert await access.client(b"Bearer " + issuer.token(), b"")
    with pytest.raises(UnauthenticatedError):
        await access.client(b"Bearer " + KEY.encode(), b"")


async def test_keys_work_while_the_issuer_does_not(both: Settings, issuer: Issuer) -> None:
    """An issuer that is silent keeps neither the gateway from starting nor keys from being known."""
    issuer.status = 500
    access = Access(both)
    await access.start()
    with pytest.raises(IssuerUnavailableError):
        await access.client(b"Bearer " + issuer.token(OTHER_RSA_KEY, "next"), b"")
    assert (await access.client(b"", KEY.encode())).name == "web"
    await access.close()


async def test_the_key_file_is_followed(keyed: Settings) -> None:
    """Once started, a running gateway takes over a changed file without a restart."""
    access = Access(keyed)
    await access.start()
    Path(keyed.keys_file).write_bytes(document(entry(OTHER)))  # noqa: ASYNC240  a test may wait
    async with asyncio.timeout(60):
        while True:
            try:
                await access.client(b"", OTHER.encode())
                break
            except UnauthenticatedError:
                await asyncio.sleep(0.05)
    with pytest.raises(UnauthenticatedError):
        await access.client(b"", KEY.encode())
    await access.close()


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (Settings(keys_file="/missing/keys.json"), "SCORING_KEYS_FILE"),
        (Settings(oidc_issuer="https://issuer"), "SCORING_OIDC_AUDIENCE"),
        (Settings(oidc_audience="api://scoring"), "SCORING_OIDC_ISSUER"),
        (Settings(oidc_issuer="https://issuer", oidc_audience="a", oidc_scopes="all"), "SCORING_OIDC_SCOPES"),
    ],
)
def test_settings_that_do_not_fit(settings: Settings, name: str) -> None:
    """What cannot be used is refused before anything starts, by its name."""
    with pytest.raises(SettingsError, match=name):
        Access(settings)
