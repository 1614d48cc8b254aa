"""An OpenID Connect issuer: a real HTTP server with discovery and public keys, and tokens signed with real keys."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

AUDIENCE = "api://scoring"
APPLICATION = "11111111-2222-3333-4444-555555555555"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
# Made once: they take a tenth of a second each.
RSA_KEY = rsa.generate_private_key(65537, 2048)
OTHER_RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()


def public_jwk(key: PrivateKey, kid: str, **more: Any) -> dict[str, Any]:
    """Return a key as an issuer lists it; as Microsoft's, without its algorithm."""
    public: Any = key.public_key()
    match key:
        case rsa.RSAPrivateKey():
            document = RSAAlgorithm.to_jwk(public, as_dict=True)
        case ec.EllipticCurvePrivateKey():
            document = ECAlgorithm.to_jwk(public, as_dict=True)
        case _:
            document = OKPAlgorithm.to_jwk(public, as_dict=True)
    document.pop("key_ops", None)
    return {**document, "use": "sig", "kid": kid, **more}


@dataclass
class Issuer:
    """What the server answers; tests change its fields while it runs."""

    url: str = ""
    name: str | None = None  # what it calls itself, where that is not its address
    keys: list[dict[str, Any]] = field(default_factory=lambda: [public_jwk(RSA_KEY, "rsa"), public_jwk(EC_KEY, "ec")])
    status: int = 200
    location: str = ""  # where it redirects to
    body: bytes | None = None  # what it sends instead of JSON
    jwks_uri: str | None = None
    delay: float = 0.0  # seconds before each byte of its body
    requests: list[str] = field(default_factory=list)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of an Entra ID v2 token, changed; None takes one out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "person@example.com",
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "azp": APPLICATION,
            "scp": "Faq.Match Images.Classify",
            "ver": "2.0",
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, key: Any = RSA_KEY, kid: str | None = "rsa", alg: str = "RS256", **changes: Any) -> bytes:
        """Return a token."""
        headers = {} if kid is None else {"kid": kid}
        return jwt.encode(self.claims(**changes), key, alg, headers).encode()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        self.requests.append(path)
        discovery = {"issuer": self.name or self.url, "jwks_uri": self.jwks_uri or f"{self.url}/keys"}
        document = discovery if path.endswith("/.well-known/openid-configuration") else {"keys": self.keys}
        body = json.dumps(document).encode() if self.body is None else self.body
        head = f"HTTP/1.1 {self.status} Whatever\r\nlocation: {self.location}\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode())
        for byte in [body[i : i + 1] for i in range(len(body))] if self.delay else [body]:
            await asyncio.sleep(self.delay)
            writer.write(byte)
        writer.close()


@asynccontextmanager
async def running_issuer() -> AsyncIterator[Issuer]:
    """Serve an issuer on this machine."""
    issuer = Issuer()
    tasks: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            await issuer.answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    issuer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/tenant/v2.0"
    async with server:
        yield issuer
        for task in tasks:
            task.cancel()
