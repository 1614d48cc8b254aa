"""A service that is asked over HTTP/1.1."""

import http.client
import socket
import ssl
from collections.abc import Sequence
from time import perf_counter
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from loadtest import http_driver, trust
from loadtest.errors import LoadTestError
from loadtest.load.report import Target
from loadtest.load.service import PATIENCE, Answer, Pace, model_version
from loadtest.openloop import fleet, http_load
from loadtest.openloop.fleet import Fleet
from loadtest.openloop.http_load import Load

_HINTS = {
    401: "give a key that is valid: --key-file FILE or SCORING_API_KEY",
    403: "give a key that may ask this: --key-file FILE or SCORING_API_KEY",
    404: "is this the address of the gateway? give it with --url",
    413: "see the limits in GET /v1/models; --list-size, --questions and --images say what is sent",
    422: "see the limits in GET /v1/models; --list-size, --questions and --images say what is sent",
    429: "wait, or raise the client's quota: scoring keys new --rate 0 sets none",
    503: "see whether it is ready: GET /readyz says which model is not, and why",
}
_PORTS = {"http": http.client.HTTP_PORT, "https": http.client.HTTPS_PORT}
_OTHER = "look at the service's log, or send such a request with curl"


class Address(NamedTuple):
    """The parts of a URL: whether it is one of HTTPS, host, port, and the path that those of the service follow."""

    tls: bool
    host: str
    port: int
    prefix: str


class Bodies(NamedTuple):
    """What is sent: bodies with `batch` items each, and where below the service's address."""

    what: str
    path: str
    media_type: str
    bodies: Sequence[bytes]
    batch: int


class HttpService:
    """Sends bodies to a service, with the API key if there is one."""

    def __init__(self, url: str, key: str, bodies: Bodies) -> None:
        """Take a URL such as http://127.0.0.1:8080. Raises LoadTestError for another kind."""
        self._address = parse(url)
        self._bodies = bodies
        self._headers = [("host", urlsplit(url).netloc), *([("authorization", f"Bearer {key}")] if key else [])]
        self._peer = (self._address.host, self._address.port)
        self.target = Target(url=url, protocol="http", what=bodies.what, batch=bodies.batch)

    def ask(self) -> Answer:
        """Send the first of the requests. Raises LoadTestError when it is not answered."""
        connection = self._connection()
        headers = {"content-type": self._bodies.media_type, **dict(self._headers)}
        began = perf_counter()
        try:
            connection.request("POST", self._path, self._bodies.bodies[0], headers)
            # The load goes where this request went: names are not looked up for each connection.
            self._peer = connection.sock.getpeername()[:2]
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise self._no_answer(error) from None
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise self._refusal(response.status, content)
        return Answer(perf_counter() - began, _served(content))

    def start(self, pace: Pace) -> Fleet:
        """Start to send the requests in turn. Raises LoadTestError."""
        host, port = self._address.host, self._address.port
        target = http_driver.Target(host, port, self._path, self._bodies.media_type, tuple(self._headers))
        requests = [http_driver.post(target, body) for body in self._bodies.bodies]
        server_name = host if self._address.tls else ""
        load = Load(self._peer, requests, pace.due, patience=pace.patience, server_name=server_name)
        return Fleet(http_load.run, fleet.split(load, pace.processes))

    @property
    def _path(self) -> str:
        return self._address.prefix + self._bodies.path

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._address.host, self._address.port
        if self._address.tls:
            return http.client.HTTPSConnection(host, port, timeout=PATIENCE, context=trust.context())
        return http.client.HTTPConnection(host, port, timeout=PATIENCE)

    def _no_answer(self, error: Exception) -> LoadTestError:
        if isinstance(error, socket.gaierror):
            return LoadTestError(f"{self._address.host}: no such host", "see how --url is spelt")
        if isinstance(error, ssl.SSLCertVerificationError):
            return LoadTestError(
                f"{self.target.url}: its certificate is not trusted: {error.verify_message}",
                "name the file with its authority in SSL_CERT_FILE",
            )
        if isinstance(error, TimeoutError):
            return LoadTestError(f"{self.target.url} gives no answer within {PATIENCE:g} s", _HINTS[503])
        reason = getattr(error, "strerror", None) or type(error).__name__
        return LoadTestError(
            f"nobody answers at {self.target.url}: {reason}", "start the service, or give its address with --url"
        )

    def _refusal(self, status: int, content: bytes) -> LoadTestError:
        return LoadTestError(
            f"{self.target.url}{self._bodies.path} answers {status}{_detail(content)}", _HINTS.get(status, _OTHER)
        )


def parse(url: str) -> Address:
    """Return the parts of a URL. Raises LoadTestError unless it is one of HTTP or HTTPS."""
    hint = "give an address such as http://127.0.0.1:8080"
    parts = urlsplit(url)
    try:
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise LoadTestError(f"--url {url}: its port is no number from 1 to 65535", hint) from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None or parts.query or parts.fragment:
        raise LoadTestError(f"--url {url} is no address of a service", hint)
    return Address(parts.scheme == "https", parts.hostname, port, parts.path.rstrip("/"))


class _Problem(msgspec.Struct):
    """An error as the gateway tells it (RFC 9457)."""

    detail: str = ""


class _Model(msgspec.Struct):
    name: str
    version: str
    engine: str = ""
    weights: str = ""


class _Reply(msgspec.Struct):
    model: _Model | None = None


def _detail(content: bytes) -> str:
    try:
        problem = msgspec.json.decode(content, type=_Problem)
    except msgspec.DecodeError:
        return ""
    return f": {problem.detail}" if problem.detail else ""


def _served(content: bytes) -> dict[str, str]:
    try:
        model = msgspec.json.decode(content, type=_Reply).model
    except msgspec.DecodeError:  # another service's answer is as good
        return {}
    return {model.name: model_version(model.version, model.engine, model.weights)} if model else {}
