"""Where Triton listens: fixed addresses, and names that stand for the addresses of all their pods."""

import asyncio
import re
import socket
from typing import NamedTuple

from gateway.setting import SettingsError

_DNS = "dns:///"
_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[^\s:/\[\],]+):(?P<port>\d{1,5})", re.ASCII)


class Addresses(NamedTuple):
    """What a setting such as `triton_url` names."""

    fixed: frozenset[str]  # host:port
    names: frozenset[tuple[str, int]]  # to be looked up, time and again


NOWHERE = Addresses(frozenset(), frozenset())


def parse(url: str, variable: str = "SCORING_TRITON_URL") -> Addresses:
    """Read host:port or dns:///NAME:PORT, or several of them with commas in between.

    Raises SettingsError, which names the variable of the environment that holds it.
    """
    fixed, names = set[str](), set[tuple[str, int]]()
    for entry in filter(None, (part.strip() for part in url.split(","))):
        host, port = _host_and_port(entry.removeprefix(_DNS), url, variable)
        if entry.startswith(_DNS):
            names.add((host.strip("[]"), port))
        else:
            fixed.add(f"{host}:{port}")
    if not fixed and not names:
        raise _unreadable(url, variable)
    return Addresses(frozenset(fixed), frozenset(names))


async def look_up(name: str, port: int) -> frozenset[str]:
    """Return all addresses of a name, as host:port; none where it does not exist or nobody can say."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(name, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        return frozenset()
    return frozenset(_joined(family, *address[:2]) for family, _, _, _, address in found)


def _host_and_port(entry: str, url: str, variable: str) -> tuple[str, int]:
    match = _ADDRESS.fullmatch(entry)
    if match is None or not 0 < int(match["port"]) < 65536:
        raise _unreadable(url, variable)
    return match["host"], int(match["port"])


def _joined(family: int, host: object, port: object) -> str:
    return f"[{host}]:{port}" if family == socket.AF_INET6 else f"{host}:{port}"


def _unreadable(url: str, variable: str) -> SettingsError:
    return SettingsError(
        f"{variable}={url!r}: expected host:port or dns:///NAME:PORT, or several of them with commas in between"
    )
