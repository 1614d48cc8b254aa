"""Whom load generators trust over TLS: the system's authorities, or those in the file that SSL_CERT_FILE names."""

import os
import ssl
from pathlib import Path

import grpc


def context() -> ssl.SSLContext:
    """Return what HTTPS connections are made with; OpenSSL itself reads SSL_CERT_FILE."""
    return ssl.create_default_context()


def channel_credentials() -> grpc.ChannelCredentials:
    """Return what gRPC connections are made with. Raises OSError where the file cannot be read."""
    trusted = os.environ.get("SSL_CERT_FILE")
    return grpc.ssl_channel_credentials(Path(trusted).read_bytes() if trusted else None)
