"""The issuer's public keys: found, kept, renewed, and never asked for too often."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import RSAAlgorithm

from gateway.access.oidc_keys import IssuerKeys
from gateway.errors import IssuerUnavailableError, UnauthenticatedError
from tests.gateway.access.conftest import complaints
from tests.gateway.access.issuer import ED_KEY, OTHER_RSA_KEY, RSA_KEY, Issuer, public_jwk, running_issuer

SHORT = 0.05  # seconds between two attempts
FETCH = ["/tenant/v2.0/.well-known/openid-configuration", "/tenant/v2.0/keys"]


def nothing() -> None:
    """Be told of changes."""


async def has(keys: IssuerKeys, kid: str) -> bool:
    """Tell whether the issuer has a key. Raises IssuerUnavailableError."""
    try:
        await keys.key(kid)
    except UnauthenticatedError:
        return False
    return True


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that comes soon."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  what is waited for happens in a server and in threads
            await asyncio.sleep(0.005)


async def test_keys_are_fetched_ahead(issuer: Issuer) -> None:
    """Once started, the keys are there without a token."""
    changes: list[None] = []
    keys = IssuerKeys(issuer.url, lambda: changes.append(None))
    keys.start()
    await until(lambda: bool(changes))
    assert issuer.requests == FETCH
    assert await has(keys, "rsa")
    assert await has(keys, "ec")
    assert issuer.requests == FETCH
    await keys.close()


async def test_rotation(issuer: Issuer) -> None:
    """A token with a key that is not known yet makes the issuer be asked; a key that is gone is forgotten."""
    keys = IssuerKeys(issuer.url, nothing, SHORT)
    assert await has(keys, "rsa")
    issuer.keys = [public_jwk(OTHER_RSA_KEY, "next")]
    await asyncio.sleep(SHORT)
    assert await has(keys, "next")
    assert not await has(keys, "rsa")


async def test_garbage_does_not_hammer_the_issuer(issuer: Issuer) -> None:
    """However many tokens name keys that nobody has, one attempt is made in a while, and all share it."""
    keys = IssuerKeys(issuer.url, nothing)
    assert await asyncio.gather(*(has(keys, f"garbage{number}") for number in range(500))) == [False] * 500
    assert await has(keys, "rsa")
    for number in range(500):
        assert not await has(keys, f"more{number}")
    assert issuer.requests == FETCH


async def test_waiting_is_given_up_alone(issuer: Issuer) -> None:
    """A client that hangs up while the issuer is asked does not spoil it for the others."""
    issuer.delay = 0.0005
    keys = IssuerKeys(issuer.url, nothing)
    first, second = asyncio.create_task(has(keys, "rsa")), asyncio.create_task(has(keys, "ec"))
    await until(lambda: bool(issuer.requests))
    first.cancel()
    assert await second
    assert first.cancelled()


async def test_nobody_waits_beyond_their_deadline(issuer: Issuer) -> None:
    """A request that has no time left is answered 503 while the issuer is still being asked, for the others."""
    issuer.delay = 0.0005
    keys = IssuerKeys(issuer.url, nothing, SHORT)
    other = asyncio.create_task(has(keys, "rsa"))
    for seconds in (-1, 0, 0.01):
        with pytest.raises(IssuerUnavailableError):
            await keys.key("rsa", monotonic() + seconds)
    assert await other
    await asyncio.sleep(SHORT)
    with pytest.raises(IssuerUnavailableError):  # the issuer may have this one
        await keys.key("next", monotonic() + 0.01)


async def test_an_issuer_that_is_not_there_yet() -> None:
    """Until it is, tokens are answered 503; when it comes, no restart is needed."""
    async with running_issuer() as issuer:
        url = issuer.url
    keys = IssuerKeys(url, nothing, SHORT)
    with pytest.raises(IssuerUnavailableError):
        await keys.key("rsa")
    async with running_issuer() as issuer:
        keys = IssuerKeys(issuer.url, nothing, SHORT)
        issuer.status = 503
        keys.start()
        await until(lambda: len(issuer.requests) > 2)
        issuer.status = 200
        await until(lambda: issuer.requests[-1] == FETCH[1])
        assert await has(keys, "rsa")
        await keys.close()


async def test_known_keys_outlive_the_issuer(issuer: Issuer, caplog: pytest.LogCaptureFixture) -> None:
    """An issuer that has gone is complained of once; its known keys stay, unknown ones are a 503."""
    keys = IssuerKeys(issuer.url, nothing, SHORT)
    assert await has(keys, "rsa")
    issuer.status = 502
    for _ in range(3):
        await asyncio.sleep(SHORT)
        with pytest.raises(IssuerUnavailableError):
            await keys.key("unknown")
        assert await has(keys, "rsa")
    (complaint,) = complaints(caplog)
    assert "HTTP 502" in complaint


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"status": 404}, "HTTP 404"),
        ({"status": 302, "location": "http://127.0.0.1:1/"}, "HTTP 302"),
        ({"status": 302, "location": "file:///etc/passwd"}, "HTTP 302"),
        ({"body": b"<html>canary</html>"}, "JSONDecodeError"),
        ({"body": b"\xff"}, "UnicodeDecodeError"),
        ({"body": b"[]"}, "not a JSON object"),
        ({"body": b"[" * 100_000}, "RecursionError"),
        ({"body": b" " * 1_100_000}, "more than 1048576 bytes"),
        ({"name": "https://login.microsoftonline.com/{tenantid}/v2.0"}, "calls itself by another name"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri is no https address"),
        ({"jwks_uri": "http://169.254.169.254/metadata"}, "jwks_uri is no https address"),
        ({"jwks_uri": "http://127.0.0.1:1/"}, "ConnectionRefusedError"),
        ({"jwks_uri": 7}, "jwks_uri is no https address"),
        ({"keys": {"rsa": {}}}, "lists no keys"),
        ({"keys": []}, "no key that can be used"),
        ({"delay": 0.5}, "too slow"),
    ],
)
async def test_answers_that_are_no_use(
    issuer: Issuer, caplog: pytest.LogCaptureFixture, fault: dict[str, Any], reason: str
) -> None:
    """Whatever the issuer sends, the known keys stay, and the log says what was wrong in words of ours."""
    keys = IssuerKeys(issuer.url, nothing, SHORT)
    assert await has(keys, "rsa")
    for name, value in fault.items():
        setattr(issuer, name, value)
    await asyncio.sleep(SHORT)
    with pytest.raises(IssuerUnavailableError):
        await keys.key("unknown")
    assert await has(keys, "rsa")
    (complaint,) = complaints(caplog)
    assert reason in complaint
    assert "canary" not in caplog.text


async def test_keys_that_cannot_verify_are_left_out(issuer: Issuer) -> None:
    """Shared secrets, private keys, keys for encryption, weak, broken and nameless ones are not taken; the rest is."""
    weak = rsa.generate_private_key(65537, 1024)
    good = public_jwk(RSA_KEY, "x")
    issuer.keys = [
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0", "alg": "RS256"},
        {**RSAAlgorithm.to_jwk(RSA_KEY, as_dict=True), "kid": "private"},
        {**good, "kid": "encryption", "use": "enc"},
        public_jwk(weak, "weak"),
        public_jwk(ec.generate_private_key(ec.SECP256K1()), "curve"),
        {**good, "kid": "none", "alg": "none"},
        {**good, "kid": "hmac", "alg": "HS256"},
        {**good, "kid": "n", "n": 7},
        {**good, "kid": "n", "n": "!"},
        {**good, "kid": "n", "n": None},
        {**good, "kid": "curve", "kty": "EC", "crv": "P-999"},
        {**good, "kid": "kind", "kty": ["RSA"]},
        {**good, "kid": 7},
        {"kty": "RSA", "kid": "empty"},
        {},
        None,  # type: ignore[list-item]
        "text",  # type: ignore[list-item]
        public_jwk(ED_KEY, "good"),
    ]
    keys = IssuerKeys(issuer.url, nothing)
    assert await has(keys, "good")
    assert set(keys._keys) == {"good"}


async def test_closing_waits_for_nothing(issuer: Issuer) -> None:
    """A gateway that stops while its issuer is silent stops at once."""
    issuer.delay = 60
    keys = IssuerKeys(issuer.url, nothing)
    keys.start()
    await until(lambda: bool(issuer.requests))
    async with asyncio.timeout(20):
        await keys.close()
