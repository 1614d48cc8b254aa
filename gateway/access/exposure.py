"""Nobody opens the gateway to the network by mistake."""

import socket
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
    """Tell whether all addresses of a host name or address lead to this machine alone; one that has none does not."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    return all(
        ((isinstance(each, IPv6Address) and each.ipv4_mapped) or each).is_loopback  # ::ffff:127.0.0.1
        for each in addresses
    )
