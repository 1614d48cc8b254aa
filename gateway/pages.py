"""The demo and documentation pages: self-contained HTML under a strict content security policy."""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from importlib import resources

from starlette.requests import Request
from starlette.responses import Response

Endpoint = Callable[[Request], Awaitable[Response]]

_INLINE = {kind: re.compile(rf"<{kind}>(.*?)</{kind}>", re.DOTALL) for kind in ("script", "style")}


def static(content: bytes, media_type: str, headers: dict[str, str] | None = None) -> Endpoint:
    """Return an endpoint that always answers the same."""

    async def endpoint(request: Request) -> Response:
        return Response(content, media_type=media_type, headers=headers)

    return endpoint


def page(name: str) -> Endpoint:
    """Return the endpoint of a page of this package."""
    content = (resources.files("gateway") / "pages" / name).read_bytes()
    headers = {
        "content-security-policy": content_security_policy(content.decode()),
        "x-frame-options": "DENY",  # for browsers that know no frame-ancestors
        "referrer-policy": "no-referrer",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-cache",  # another version brings another page
    }
    return static(content, "text/html", headers)


def content_security_policy(html: str) -> str:
    """Return a policy that lets a page run its own inline scripts and styles, by hash, and talk to its own origin."""
    sources = {kind: " ".join(_hash(text) for text in pattern.findall(html)) for kind, pattern in _INLINE.items()}
    return (
        f"default-src 'none'; script-src {sources['script']}; style-src {sources['style']}; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
