"""Addresses to listen on."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Endpoint(NamedTuple):
    """Where to listen; port 0 takes a free one. Several processes can listen at one that is shared."""

    host: str
    port: int
    shared: bool = False


class AddressError(Exception):
    """An address cannot be listened on; the message says which and what to do."""


def bound_socket(endpoint: Endpoint) -> socket.socket:
    """Return a non-blocking TCP socket bound to an address. Raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if endpoint.shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.settimeout(0)
    try:
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


@contextmanager
def reserved(protocol: str, endpoint: Endpoint, flag: str) -> Iterator[socket.socket]:
    """Hold an address for other processes that share it, and against all that do not. Raises AddressError.

    It is bound alone, so that a stranger who shares it already is found out, and opened to others only then.
    """
    try:
        holder = bound_socket(endpoint)
    except OSError as error:
        raise AddressError(occupied(protocol, endpoint, error, flag)) from None
    with holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        yield holder


def occupied(protocol: str, endpoint: Endpoint, error: OSError, flag: str) -> str:
    """Return one line about an address that cannot be had."""
    where = address(endpoint.host, endpoint.port)
    return f"cannot listen for {protocol} on {where}: {error.strerror}; choose another with {flag} or --host"


def address(host: str, port: int) -> str:
    """Return host:port, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
