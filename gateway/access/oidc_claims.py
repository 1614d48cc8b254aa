"""From what a verified token claims to a client: its scopes, its quota, and names that tell nothing of a person.

Sources: RFC 9068 (`scope`), Microsoft identity platform's access token claims (`scp`, `roles`, `azp`, `appid`).
"""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from gateway.access.client import Client, Scope
from gateway.access.default_quota import quota
from gateway.settings import Settings, SettingsError

_LABELS = 32  # applications that get a label of their own
_OTHERS = "oidc"
_APPLICATION = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Claims:
    """Makes clients of claims."""

    def __init__(self, settings: Settings) -> None:
        """Read the settings. Raises SettingsError."""
        self._allowed = read_scopes(settings.oidc_scopes)
        self._quota = quota(settings)
        self._labels: set[str] = set()

    def client(self, claims: Mapping[str, Any]) -> Client:
        """Return the client of a token with the claims `iss` and `sub`."""
        subject = sha256(f"{claims['iss']}\0{claims['sub']}".encode(errors="surrogatepass")).hexdigest()
        scopes = frozenset(scope for name in _granted(claims) for scope in self._allowed.get(name, ()))
        return Client(f"oidc:{subject[:12]}", scopes, self._quota, self._label(claims))

    def _label(self, claims: Mapping[str, Any]) -> str:
        """Return the application's id, as long as there are few of them."""
        application = claims.get("azp") or claims.get("appid")
        if not isinstance(application, str) or not _APPLICATION.fullmatch(application):
            return _OTHERS
        if len(self._labels) < _LABELS:
            self._labels.add(application)
        return application if application in self._labels else _OTHERS


def read_scopes(text: str) -> dict[str, frozenset[Scope]]:
    """Read `Faq.Match=faq,Operator=admin`: what each name in a token allows. Raises SettingsError."""
    allowed: dict[str, frozenset[Scope]] = {}
    for part in text.split(",") if text else [f"{scope}={scope}" for scope in Scope]:
        name, _, scope = (each.strip() for each in part.partition("="))
        if not name or scope not in set(Scope):
            raise SettingsError(
                f"SCORING_OIDC_SCOPES={text!r}: expected NAME=SCOPE, several with commas, SCOPE {', '.join(Scope)}"
            )
        allowed[name] = allowed.get(name, frozenset()) | {Scope(scope)}
    return allowed


def _granted(claims: Mapping[str, Any]) -> Iterable[str]:
    """Names of what a user allowed the application (`scp`, `scope`), and of what an administrator did (`roles`)."""
    for claim in ("scp", "scope", "roles"):
        value = claims.get(claim)
        if isinstance(value, str):
            yield from value.split()
        elif isinstance(value, list):
            yield from (each for each in value if isinstance(each, str))
