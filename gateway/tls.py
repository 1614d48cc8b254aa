"""TLS on both ports: one certificate that follows its files without a restart.

The files may be mounted secrets: their content is read again and again and compared, because no time stamp and no
notification is sure to tell. What is read is tried before it is used, so that half of a change harms nobody.
"""

import asyncio
import logging
import os
import ssl
from io import FileIO
from pathlib import Path
from typing import NamedTuple

import grpc
from cryptography import x509

from gateway.settings import Settings, SettingsError

_log = logging.getLogger(__name__)

PERIOD = 2.0  # seconds between two looks at the files
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2: forward secrecy and authenticated encryption only


class CertificateError(Exception):
    """The files cannot be used; the message says why, and nothing of what is in them."""


class Certificate(NamedTuple):
    """A certificate chain and its private key, PEM, that fit together."""

    chain: bytes
    key: bytes
    expires: float  # seconds since the epoch


class Tls:
    """What both servers need to speak TLS."""

    def __init__(self, settings: Settings) -> None:
        """Read certificate and key. Raises SettingsError."""
        self._paths = Path(settings.tls_cert), Path(settings.tls_key)
        self._task: asyncio.Task[None] | None = None
        self._fault = ""
        try:
            self._certificate = _read(*self._paths)
        except CertificateError as error:
            raise SettingsError(
                f"SCORING_TLS_CERT={settings.tls_cert!r}, SCORING_TLS_KEY={settings.tls_key!r}: {error}"
            ) from None
        self.context = _context(self._certificate)

    @property
    def expires(self) -> float:
        """When the certificate that is shown now becomes invalid, in seconds since the epoch."""
        return self._certificate.expires

    def credentials(self) -> grpc.ServerCredentials:
        """Return what a gRPC server needs; each handshake takes the newest certificate."""
        return grpc.dynamic_ssl_server_credentials(self._configuration(), self._configuration)

    def start(self) -> None:
        """Follow the files from now on."""
        self._task = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Follow no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _configuration(self) -> grpc.ServerCertificateConfiguration:
        certificate = self._certificate
        return grpc.ssl_server_certificate_configuration([(certificate.key, certificate.chain)])

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(PERIOD)
            try:
                self._take(await asyncio.to_thread(_read, *self._paths))
                self._fault = ""
            except CertificateError as error:
                if str(error) != self._fault:  # once, not every two seconds
                    self._fault = str(error)
                    _log.error("TLS: %s; the certificate read before stays in use", error)

    def _take(self, certificate: Certificate) -> None:
        if certificate != self._certificate:
            _load(self.context, certificate)  # handshakes from now on; open connections keep what they have
            self._certificate = certificate
            _log.info("TLS: a new certificate is in use")


def check_tls(settings: Settings) -> None:
    """Raise SettingsError unless certificate and key, if any, can be used."""
    check_pair(settings)
    if settings.tls_cert:
        Tls(settings)


def check_pair(settings: Settings) -> None:
    """Raise SettingsError unless certificate and key are given together, or neither."""
    if bool(settings.tls_cert) != bool(settings.tls_key):
        missing = "SCORING_TLS_KEY" if settings.tls_cert else "SCORING_TLS_CERT"
        raise SettingsError(f"{missing} is empty: TLS needs a certificate and its key")


def _context(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    _load(context, certificate)
    return context


def _read(chain: Path, key: Path) -> Certificate:
    """Read and try both files. Raises CertificateError."""
    chain_bytes, key_bytes = _bytes(chain), _bytes(key)
    try:
        leaf = x509.load_pem_x509_certificate(chain_bytes)
    except ValueError:
        raise CertificateError(f"{chain} holds no certificate in PEM") from None
    certificate = Certificate(chain_bytes, key_bytes, leaf.not_valid_after_utc.timestamp())
    try:
        _load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), certificate)
    except (ssl.SSLError, ValueError):
        raise CertificateError(f"{key} holds no unencrypted private key in PEM that belongs to {chain}") from None
    return certificate


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CertificateError(f"{path} cannot be read: {error.strerror}") from None


def _load(context: ssl.SSLContext, certificate: Certificate) -> None:
    """Load what was read, by way of files in memory: those on disk may have changed since."""
    with _in_memory(certificate.chain) as chain, _in_memory(certificate.key) as key:
        context.load_cert_chain(f"/proc/self/fd/{chain.fileno()}", f"/proc/self/fd/{key.fileno()}", password=b"")


def _in_memory(data: bytes) -> FileIO:
    file = FileIO(os.memfd_create("tls"), "w+")
    file.write(data)
    return file
