"""Certificates for tests, made on the spot."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID


class Pair(NamedTuple):
    """A self-signed certificate for this machine, and its key, PEM."""

    cert: bytes
    key: bytes
    serial: int
    expires: datetime

    def write(self, folder: Path) -> tuple[str, str]:
        """Write both files and return their paths."""
        cert, key = folder / "tls.crt", folder / "tls.key"
        cert.write_bytes(self.cert)
        key.write_bytes(self.key)
        return str(cert), str(key)


def make_pair(*, days: int = 30, password: bytes = b"") -> Pair:
    """Return a new certificate, valid for so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    serial = x509.random_serial_number()
    # A name of its own: a client that trusts several certificates finds the right one by it.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"gateway {serial % 1_000_000}")])
    now = datetime.now(UTC).replace(microsecond=0)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    encryption: KeySerializationEncryption = BestAvailableEncryption(password) if password else NoEncryption()
    return Pair(
        certificate.public_bytes(Encoding.PEM),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption),
        certificate.serial_number,
        certificate.not_valid_after_utc,
    )
