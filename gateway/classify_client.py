"""Sends image files to a gateway: what `scoring classify` does, without the terminal."""

import http.client
import json
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

_TIMEOUT = 60.0  # seconds; the gateway gives up long before
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


class Gateway:
    """A connection to a gateway, kept open from one picture to the next."""

    def __init__(self, url: str) -> None:
        """Take an address such as http://localhost:8080. Raises ClassifyError for any other."""
        parts = urlsplit(url)
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        try:
            if parts.scheme not in kinds or not parts.hostname:
                raise ValueError
            self._connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=_TIMEOUT)
        except ValueError:  # the port's included
            raise ClassifyError(f"--url {url}: expected an address such as http://localhost:8080") from None
        self._url = url
        self._path = f"{parts.path.rstrip('/')}/v1/images/classify"

    def classify(self, picture: Picture, top_k: int) -> Classified:
        """Send one picture. Raises PictureError, or ClassifyError when no gateway answers."""
        target = f"{self._path}?{urlencode({'top_k': top_k})}"
        try:
            self._connection.request("POST", target, picture.data, {"content-type": picture.media_type})
            response = self._connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            reason = getattr(error, "strerror", None) or type(error).__name__
            hint = "start it with: make serve"
            raise ClassifyError(f"no gateway answers at {self._url} ({reason}); {hint}") from None
        reply = _decoded(body)
        if response.status != http.client.OK or "classes" not in reply:
            said = reply.get("detail") or f"HTTP {response.status}; is this a gateway's address?"
            raise PictureError(f"{picture.path}: {said}")
        return Classified(reply, response.getheader("server-timing", ""))


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        reply = json.loads(body)
    except ValueError:
        return {}
    return reply if isinstance(reply, dict) else {}
