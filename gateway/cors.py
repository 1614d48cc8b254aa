"""Cross-origin requests (CORS): which other sites' pages may call the HTTP API from a browser.

Off unless origins are configured. A preflight needs no key: browsers send none with it.
"""

import re
from urllib.parse import urlsplit

from starlette.middleware.cors import CORSMiddleware

from gateway.asgi import App, Scope, Send
from gateway.bodies import Receive
from gateway.settings import Settings, SettingsError

_ANY = "*"
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_ASKED_WITH = ("Authorization", "X-API-Key", "Content-Type", "Request-Timeout", "traceparent")
_TOLD = ("Retry-After", "RateLimit", "RateLimit-Policy", "Server-Timing", "traceresponse", "WWW-Authenticate")
_REMEMBERED = 3600  # seconds that a browser keeps what a preflight said

_HOST = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def with_cors(app: App, settings: Settings) -> App:
    """Return the application that lets the configured origins in, or the same one where there are none.

    Raises SettingsError for an origin that no browser would ever name.
    """
    origins = allowed_origins(settings.cors_origins)
    if not origins:
        return app
    middleware = CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=_METHODS,
        allow_headers=_ASKED_WITH,
        expose_headers=_TOLD,
        max_age=_REMEMBERED,
    )

    async def seen_by_middleware(scope: Scope, receive: Receive, send: Send) -> None:
        scope.pop("scoring.exchange", None)  # every reply goes through `send`, which adds the headers
        await middleware(scope, receive, send)

    return seen_by_middleware


def allowed_origins(text: str) -> tuple[str, ...]:
    """Read origins separated by commas. Raises SettingsError."""
    origins = tuple(each.strip() for each in text.split(",")) if text.strip() else ()
    for origin in origins:
        if origin != _ANY and origin != _normal(origin):
            raise SettingsError(
                f"SCORING_CORS_ORIGINS={text!r}: {origin!r} is no origin; expected * or what browsers name, such as "
                "https://app.example.com or http://localhost:3000: in lower case, without a path or a standard port"
            )
    return origins


def _normal(origin: str) -> str | None:
    """Return an origin as browsers write it (https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin)."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host):
        return None
    return f"{parts.scheme}://{host}" + ("" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}")
