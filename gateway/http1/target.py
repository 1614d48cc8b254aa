"""The target in a request's first line, in each form of RFC 9112, section 3.2, as a path and a query."""

from typing import NamedTuple
from urllib.parse import unquote

from gateway.errors import MalformedRequestError


class Target(NamedTuple):
    """What a request asks for; the path decoded and as it came."""

    path: str
    raw_path: bytes
    query: bytes


def read_target(url: bytes, method: str) -> Target:
    """Read origin form (/path?query), absolute form (http://host/path?query) or OPTIONS' asterisk.

    Raises MalformedRequestError.
    """
    raw_path, _, query = (url if url.startswith(b"/") else _in_origin_form(url, method)).partition(b"?")
    try:
        path = raw_path.decode("ascii")
    except UnicodeDecodeError:
        raise MalformedRequestError("The URL must be ASCII, other characters percent-encoded.", field="url") from None
    return Target(unquote(path) if "%" in path else path, raw_path, query)


def _in_origin_form(url: bytes, method: str) -> bytes:
    if url == b"*" and method == "OPTIONS":
        return b"/"
    scheme, separator, rest = url.partition(b"://")
    if not separator or scheme.lower() not in {b"http", b"https"}:
        raise MalformedRequestError("The URL must begin with / or with http.", field="url")
    authority_end = min((at for at in (rest.find(b"/"), rest.find(b"?")) if at >= 0), default=len(rest))
    target = rest[authority_end:]
    return target if target.startswith(b"/") else b"/" + target
