"""Sends image files to a gateway: what `scoring classify` does, without the terminal."""

import http.client
import json
import ssl
import time
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

_TIMEOUT = 60.0  # seconds; the gateway gives up long before
_LONGEST_PAUSE = 30.0  # seconds that a refused picture is held back for a second try; longer is left to the user
_ANY = "application/octet-stream"
_MEDIA_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}


class ClassifyError(Exception):
    """Nothing can be classified; the message is one line that says why and what to do."""


class PictureError(Exception):
    """A picture cannot be read, or the gateway refuses it; the message is one line."""


class Classified(NamedTuple):
    """The gateway's reply to one picture, and its Server-Timing."""

    reply: dict[str, Any]
    timing: str


class Picture(NamedTuple):
    """A file and what it holds."""

    path: Path
    data: bytes

    @property
    def media_type(self) -> str:
        """What the file's name says that it is."""
        return _MEDIA_TYPES.get(self.path.suffix.lower(), _ANY)


def read_picture(path: Path) -> Picture:
    """Read a file. Raises PictureError."""
    try:
        return Picture(path, path.read_bytes())
    except OSError as error:
        raise PictureError(f"{path} cannot be read: {error.strerror}") from None


def read_key(path: Path) -> str:
    """Read an API key from a file. Raises ClassifyError."""
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ClassifyError(f"--key-file {path} cannot be read: {reason}") from None


class Gateway:
    """A connection to a gateway, kept open from one picture to the next."""

    def __init__(self, url: str, key: str = "", ca_file: Path | None = None) -> None:
        """Take an address such as http://localhost:8080, and the API key if one is needed.

        `ca_file` holds the certificates (PEM) to trust; without it, those of the system or of SSL_CERT_FILE are.
        Raises ClassifyError for another address, or a key or file that cannot be used.
        """
        parts = urlsplit(url)
        try:
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError
            self._connection = _connection(parts.scheme, parts.hostname, parts.port, ca_file)
        except ValueError:  # the port's included
            raise ClassifyError(f"--url {url}: expected an address such as http://localhost:8080") from None
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise ClassifyError("the API key holds white space or letters that no key has; look at where it comes from")
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._url = url
        self._path = f"{parts.path.rstrip('/')}/v1/images/classify"

    def classify(self, picture: Picture, top_k: int) -> Classified:
        """Send one picture; once more after the time that an overloaded gateway names.

        Raises PictureError, or ClassifyError when no gateway answers or it does not let this client in.
        """
        answer = self._ask(picture, top_k)
        if answer.pause is not None and answer.pause <= _LONGEST_PAUSE:
            time.sleep(answer.pause)
            answer = self._ask(picture, top_k)
        if answer.status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN):
            raise ClassifyError(self._not_let_in(answer))
        if answer.status != http.client.OK or "classes" not in answer.reply:
            raise PictureError(f"{picture.path}: {_said(answer)}")
        return Classified(answer.reply, answer.timing)

    def _ask(self, picture: Picture, top_k: int) -> "_Answer":
        target = f"{self._path}?{urlencode({'top_k': top_k})}"
        try:
            self._connection.request("POST", target, picture.data, {"content-type": picture.media_type} | self._headers)
            response = self._connection.getresponse()
            reply = _decoded(response.read())
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise ClassifyError(f"no gateway answers at {self._url} ({_reason(error)}); {_hint(error)}") from None
        pause = response.getheader("retry-after", "")
        timing = response.getheader("server-timing", "")
        return _Answer(response.status, reply, timing, float(pause) if pause.isdecimal() else None)

    def _not_let_in(self, answer: "_Answer") -> str:
        if answer.status == http.client.UNAUTHORIZED and not self._headers:
            return f"{self._url} asks for an API key; give it with SCORING_API_KEY or --key-file"
        return f"{self._url} refuses the API key: {_said(answer)}"


class _Answer(NamedTuple):
    status: int
    reply: dict[str, Any]
    timing: str
    pause: float | None  # seconds after which to try again, where the gateway names them


def _connection(scheme: str, host: str, port: int | None, ca_file: Path | None) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=_TIMEOUT)
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise ClassifyError(f"--cacert {ca_file} cannot be read: {_reason(error)}") from None
    return http.client.HTTPSConnection(host, port, timeout=_TIMEOUT, context=context)


def _said(answer: _Answer) -> str:
    said = answer.reply.get("detail") or f"HTTP {answer.status}; is this a gateway's address?"
    return said if answer.pause is None else f"{said} Try again in {answer.pause:g} s."


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ssl.SSLError):
        return error.reason or type(error).__name__
    return getattr(error, "strerror", None) or type(error).__name__


def _hint(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "name the certificates to trust with --cacert"
    return "does it speak TLS?" if isinstance(error, ssl.SSLError) else "start it with: make serve"


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        reply = json.loads(body)
    except ValueError:
        return {}
    return reply if isinstance(reply, dict) else {}
