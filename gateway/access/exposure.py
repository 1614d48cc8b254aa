"""Nobody opens the gateway to the network by mistake."""

import socket
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address

from gateway.settings import Settings, SettingsError


def check_exposure(settings: Settings) -> None:
    """Raise SettingsError when others than this machine could ask and nobody asks them who they are."""
    if settings.keys_file or settings.oidc_issuer or settings.allow_anonymous or _is_loopback(settings.host):
        return
    raise SettingsError(
        f"SCORING_HOST={settings.host!r} opens the service to the network, and it asks for no keys; make some with "
        "`scoring keys new` and name their file in SCORING_KEYS_FILE (--keys-file), or let everyone in with "
        "SCORING_ALLOW_ANONYMOUS=true (--allow-anonymous)"
    )


def _is_loopback(host: str) -> bool:
    """Tell whether a host name or address leads to this machine alone; one that leads nowhere does not."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return only_loopback(str(each[4][0]) for each in found)


def only_loopback(addresses: Iterable[str]) -> bool:
    """Tell whether all of these IP addresses are this machine's own."""
    parsed = [ip_address(each.partition("%")[0]) for each in addresses]
    # ::ffff:127.0.0.1 is one, too.
    return all(((isinstance(each, IPv6Address) and each.ipv4_mapped) or each).is_loopback for each in parsed)
