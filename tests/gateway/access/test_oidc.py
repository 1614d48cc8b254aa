"""Tokens of a real issuer, with real keys, and what attackers make of them."""

import asyncio
import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.client import Client, Quota, Scope
from gateway.access.oidc import MOST_BYTES, Tokens
from gateway.errors import IssuerUnavailableError, UnauthenticatedError
from gateway.settings import Settings, SettingsError
from tests.gateway.access.issuer import (
    APPLICATION,
    AUDIENCE,
    EC_KEY,
    ED_KEY,
    OTHER_RSA_KEY,
    RSA_KEY,
    Issuer,
    public_jwk,
)

SCOPES = "Faq.Match=faq,Images.Classify=image,Operator=admin"


def tokens(issuer: Issuer, **changes: Any) -> Tokens:
    """Return what accepts an issuer's tokens."""
    return Tokens(
        Settings(oidc_issuer=issuer.url, oidc_audience=AUDIENCE, oidc_scopes=SCOPES, client_rate=5, **changes)
    )


async def refusal(accepting: Tokens, token: bytes) -> str:
    """Return why a token is refused with 401."""
    with pytest.raises(UnauthenticatedError) as caught:
        await accepting.client(token)
    assert caught.value.field == "authorization"
    assert caught.value.__cause__ is None
    return caught.value.detail


def raw(header: Any, claims: Any, signature: bytes = b"signature") -> bytes:
    """Return a token of any parts."""
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in parts)


async def test_a_token_names_a_client(issuer: Issuer) -> None:
    """Scopes are mapped, the quota is that of the settings, and the name tells nothing of the person."""
    client = await tokens(issuer).client(issuer.token())
    name = hashlib.sha256(f"{issuer.url}\0person@example.com".encode()).hexdigest()[:12]
    assert client == Client(f"oidc:{name}", frozenset({Scope.FAQ, Scope.IMAGE}), Quota(5, 5), APPLICATION)


@pytest.mark.parametrize(("kid", "alg"), [("rsa", "RS256"), ("ec", "ES256"), ("ps", "PS384"), ("ed", "EdDSA")])
async def test_algorithms(issuer: Issuer, kid: str, alg: str) -> None:
    """RSA, elliptic curves and Ed25519 are verified, each with the algorithm that the key is for."""
    issuer.keys += [public_jwk(RSA_KEY, "ps", alg="PS384"), public_jwk(ED_KEY, "ed")]
    key = {"ec": EC_KEY, "ed": ED_KEY}.get(kid, RSA_KEY)
    assert Scope.FAQ in (await tokens(issuer).client(issuer.token(key, kid, alg))).scopes


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": "api://other"}, "another audience"),
        ({"aud": ["api://other", "x"]}, "another audience"),
        ({"aud": 7}, "another audience"),
        ({"aud": None}, "lacks one of the claims"),
        ({"iss": "https://login.microsoftonline.com/other/v2.0"}, "another issuer"),
        ({"iss": None}, "lacks one of the claims"),
        ({"sub": None}, "lacks one of the claims"),
        ({"exp": None}, "lacks one of the claims"),
        ({"exp": 1_700_000_000}, "has expired"),
        ({"exp": "soon"}, "malformed"),
        ({"nbf": 4_000_000_000}, "not valid yet"),
        ({"iat": 4_000_000_000}, "not valid yet"),
    ],
)
async def test_claims_that_are_wrong(issuer: Issuer, changes: dict[str, Any], reason: str) -> None:
    """A token that is properly signed, but not for us, not by our issuer or not for now, is refused."""
    assert reason in await refusal(tokens(issuer), issuer.token(**changes))


async def test_clocks_may_differ_a_little(issuer: Issuer) -> None:
    """Half a minute is forgiven, not more."""
    accepting = tokens(issuer)
    now = int(time.time())
    await accepting.client(issuer.token(exp=now - 20))
    await accepting.client(issuer.token(nbf=now + 20, iat=now + 20))
    assert "expired" in await refusal(accepting, issuer.token(exp=now - 40))
    assert "not valid yet" in await refusal(accepting, issuer.token(nbf=now + 60))


async def test_audience_may_be_one_of_several(issuer: Issuer) -> None:
    """A token for several services is for this one, too."""
    assert await tokens(issuer).client(issuer.token(aud=["api://other", AUDIENCE]))


@pytest.mark.parametrize(
    "alg", ["none", "None", "NONE", "", "HS256", "HS512", "ES256K", "RSA-OAEP", None, 7, ["RS256"]]
)
async def test_algorithms_are_not_the_tokens_to_choose(issuer: Issuer, alg: object) -> None:
    """Unsigned tokens and those signed with a shared secret are refused before anything is fetched."""
    for signature in (b"", b"signature"):
        reason = await refusal(tokens(issuer), raw({"alg": alg, "kid": "rsa"}, issuer.claims(), signature))
        assert "algorithm" in reason or "neither" in reason
    assert issuer.requests == []


@pytest.mark.parametrize("alg", ["HS256", "RS256"])
async def test_the_public_key_is_no_shared_secret(issuer: Issuer, alg: str) -> None:
    """A token whose signature is a HMAC with the public key, in any of its forms, is refused."""
    accepting = tokens(issuer)
    secrets = [
        RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        RSA_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(issuer.keys[0]).encode(),
    ]
    for secret in secrets:
        signed = raw({"alg": alg, "kid": "rsa"}, issuer.claims(), b"").rstrip(b".")
        signature = hmac.digest(secret, signed, "sha256")
        token = signed + b"." + urlsafe_b64encode(signature).rstrip(b"=")
        reason = await refusal(accepting, token)
        assert "not accepted" in reason if alg == "HS256" else "signature is wrong" in reason


async def test_keys_are_not_mixed_up(issuer: Issuer) -> None:
    """A token names the key and the algorithm that it is signed with, or it is refused."""
    accepting = tokens(issuer)
    assert "signature is wrong" in await refusal(accepting, issuer.token(OTHER_RSA_KEY))
    assert "signature is wrong" in await refusal(
        accepting, issuer.token(ec.generate_private_key(ec.SECP256R1()), "ec", "ES256")
    )
    assert "another algorithm" in await refusal(accepting, issuer.token(EC_KEY, "rsa", "ES256"))
    assert "another algorithm" in await refusal(accepting, issuer.token(RSA_KEY, "ec", "RS256"))
    assert "another algorithm" in await refusal(accepting, issuer.token(RSA_KEY, "rsa", "RS512"))
    assert "does not have" in await refusal(accepting, issuer.token(RSA_KEY, None))


async def test_a_changed_token_is_refused(issuer: Issuer) -> None:
    """No byte of a token that was verified may be changed."""
    accepting = tokens(issuer)
    token = issuer.token()
    await accepting.client(token)
    header, _, signature = token.split(b".")
    admin = urlsafe_b64encode(json.dumps(issuer.claims(roles=["Operator"])).encode()).rstrip(b"=")
    for changed in (header + b"." + admin + b"." + signature, token + b"x", token[:-4], token + b"=", token + b"\n"):
        await refusal(accepting, changed)


@pytest.mark.parametrize(
    "token",
    [
        b"",
        b".",
        b"..",
        b"...",
        b"a.b.c",
        b"\0.\0.\0",
        "é.ü.ß".encode(),
        b"\xff\xfe.x.y",
        b"e30.e30.e30",
        b"bnVsbA.x.y",
        b"secret canary with spaces",
        raw([], {}),
        raw({"alg": "RS256", "kid": ["rsa"]}, {}),
        raw({"alg": "RS256", "kid": "rsa", "crit": ["exp"]}, {}),
        raw({"alg": "RS256", "kid": "rsa", "b64": False, "crit": ["b64"]}, {}),
        urlsafe_b64encode(b'{"alg":"RS256","kid":"rsa","x":' + b"[" * 3000).rstrip(b"=") + b".e30.e30",
        urlsafe_b64encode(b'{"alg":"RS256","kid":"rsa","x":' + b"[" * 3000 + b"]" * 3000 + b"}") + b".e30.e30",
    ],
)
async def test_garbage_is_refused(issuer: Issuer, token: bytes) -> None:
    """What is no token is a 401 that repeats nothing of it."""
    assert "canary" not in await refusal(tokens(issuer), token)


@given(token=st.binary(max_size=200) | st.builds(raw, st.dictionaries(st.text(), st.text()), st.none()))
def test_any_garbage_is_refused(token: bytes) -> None:
    """No bytes lead to another error, and none to a request to the issuer."""
    accepting = Tokens(Settings(oidc_issuer="http://127.0.0.1:1", oidc_audience=AUDIENCE))
    with pytest.raises(UnauthenticatedError):
        asyncio.run(accepting.client(token))


async def test_a_huge_token_is_refused_unread(issuer: Issuer) -> None:
    """Above 16 kB, a token is refused with the limit and its length; below, a real one passes."""
    accepting = tokens(issuer)
    await accepting.client(issuer.token(groups=["g" * 36] * 250))
    token = issuer.token(groups=["g" * 36] * 500)
    with pytest.raises(UnauthenticatedError) as caught:
        await accepting.client(token)
    assert (caught.value.limit, caught.value.received) == (MOST_BYTES, len(token))


async def test_a_token_is_verified_once(issuer: Issuer) -> None:
    """The same token gives the same client, without a look at the issuer or at its signature."""
    accepting = tokens(issuer)
    token = issuer.token()
    assert await accepting.client(token) is await accepting.client(token)
    assert len(issuer.requests) == 2  # discovery, keys


async def test_a_remembered_token_expires(issuer: Issuer) -> None:
    """A token that was verified is refused once its time, and the leeway, are over."""
    accepting = tokens(issuer)
    token = issuer.token(exp=int(time.time()) - 25)
    await accepting.client(token)
    await asyncio.sleep(6)
    assert "expired" in await refusal(accepting, token)


async def test_few_tokens_are_remembered(issuer: Issuer) -> None:
    """However many tokens are shown, those remembered are bounded."""
    accepting = tokens(issuer)
    for number in range(4200):
        await accepting.client(issuer.token(EC_KEY, "ec", "ES256", sub=str(number)))
    assert len(accepting._verified) == 4096


async def test_a_withdrawn_key_takes_its_tokens_along(issuer: Issuer) -> None:
    """When the issuer no longer lists a key, the tokens signed with it are refused, remembered or not."""
    accepting = tokens(issuer)
    token = issuer.token()
    await accepting.client(token)
    issuer.keys = [public_jwk(OTHER_RSA_KEY, "new")]
    await accepting.keys._refresh()
    assert "does not have" in await refusal(accepting, token)
    assert await accepting.client(issuer.token(OTHER_RSA_KEY, "new"))


async def test_an_issuer_that_is_down(issuer: Issuer) -> None:
    """Tokens of known keys go on working, others get a 503 with a time to come back, not a 401."""
    accepting = tokens(issuer)
    issuer.status = 500
    with pytest.raises(IssuerUnavailableError) as caught:
        await accepting.client(issuer.token())
    assert 1 <= caught.value.retry_after <= 10


def test_settings_that_do_not_fit() -> None:
    """An issuer needs an https address and an audience."""
    for address in (
        "http://login.example.com",
        "login.example.com",
        "https://",
        "ftp://x",
        "http://127.0.0.1:x",
        "https://[::1",
    ):
        with pytest.raises(SettingsError, match="SCORING_OIDC_ISSUER"):
            Tokens(Settings(oidc_issuer=address, oidc_audience=AUDIENCE))
    with pytest.raises(SettingsError, match="SCORING_OIDC_AUDIENCE"):
        Tokens(Settings(oidc_issuer="https://login.example.com"))
    for address in ("http://localhost:9", "http://127.1.2.3", "http://[::1]:9/x", "https://login.example.com/t/v2.0"):
        Tokens(Settings(oidc_issuer=address, oidc_audience=AUDIENCE))


def test_pyjwt_binds_an_algorithm_to_a_key() -> None:
    """An algorithm that is bound to a key is the only one that verifies with it: a property of PyJWT relied on here."""
    key = jwt.PyJWK(public_jwk(RSA_KEY, "rsa"))
    token = jwt.encode({"sub": "x"}, RSA_KEY, "RS512")
    with pytest.raises(jwt.InvalidAlgorithmError):
        jwt.decode(token, key, ["RS256", "RS512"])
