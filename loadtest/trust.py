"""Whom load generators trust over TLS: the system's authorities, or those in the file that SSL_CERT_FILE names."""

import os
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc

TLS = "https://"  # before a gRPC address that speaks it


def context() -> ssl.SSLContext:
    """Return what HTTPS connections are made with; OpenSSL itself reads SSL_CERT_FILE."""
    return ssl.create_default_context()


def channel(address: str, options: Sequence[tuple[str, Any]]) -> grpc.Channel:
    """Return a channel to `host:port`, or to `https://host:port` over TLS. Raises OSError as `channel_credentials`."""
    host = address.removeprefix(TLS)
    if host == address:
        return grpc.insecure_channel(host, options=options)
    return grpc.secure_channel(host, channel_credentials(), options=options)


def channel_credentials() -> grpc.ChannelCredentials:
    """Return what gRPC connections are made with. Raises OSError where the file cannot be read."""
    trusted = os.environ.get("SSL_CERT_FILE")
    return grpc.ssl_channel_credentials(Path(trusted).read_bytes() if trusted else None)
