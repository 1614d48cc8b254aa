"""Canaries: secrets that are sent down every path, and the search for them in all that the gateway says."""

import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Mapping


def canary() -> str:
    """Return a new secret: letters and digits, which survive every clean-up."""
    return f"canary{secrets.token_hex(8)}"


def leaks(text: bytes, canaries: Mapping[str, str]) -> set[str]:
    """Return the names of the canaries that occur in a text, as they are, in hexadecimal or in Base64."""
    lower = text.lower()
    return {
        name for name, secret in canaries.items() if any(form in (text, lower)[low] for form, low in _forms(secret))
    }


def _forms(secret: str) -> Iterable[tuple[bytes, bool]]:
    """Return how a secret may be written, and whether case does not count."""
    plain = secret.encode()
    yield plain.lower(), True
    yield plain.hex().encode(), True
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):  # it may begin within a group of three bytes; what other bytes have part in is left out
            encoded = encode(b"\0" * before + plain)
            yield encoded[4 * bool(before) : (len(plain) + before) // 3 * 4], False
