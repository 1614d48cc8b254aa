"""What to do about failures that many requests share."""

from typing import TYPE_CHECKING

from loadtest.locust_users.checks import KEY_VARIABLE
from loadtest.locust_users.failures import UNREACHABLE
from loadtest.locust_users.options import given

if TYPE_CHECKING:  # importing Locust changes the whole process
    from locust.env import Environment

_UNAUTHENTICATED = ("401", "UNAUTHENTICATED")
_FORBIDDEN = ("403", "PERMISSION_DENIED")


def hints(environment: "Environment") -> list[str]:
    """Return a line for each kind of failure whose cause lies with the client."""
    failures = [(each.method, each.parse_error(each.error)) for each in environment.stats.errors.values()]
    found = [
        f"Nobody answers at {flag} {address}: start the service with `make serve`, or name another address."
        for protocol, (flag, address) in _addresses(environment).items()
        if any(method == protocol and text.startswith(UNREACHABLE) for method, text in failures)
    ]
    if any(text.startswith(_UNAUTHENTICATED) for _, text in failures):
        found.append(f"The gateway asks for an API key that is valid: set {KEY_VARIABLE}, for every worker.")
    if any(text.startswith(_FORBIDDEN) for _, text in failures):
        found.append(f"The key in {KEY_VARIABLE} does not allow all of this: give it the scopes faq and image.")
    return found


def _addresses(environment: "Environment") -> dict[str, tuple[str, str]]:
    options = given(environment)
    http = environment.host or environment.user_classes[0].host or ""
    return {
        "HTTP": ("--host", http),
        "gRPC": ("--grpc-host", options.grpc_host),
        "Triton": ("--triton-host", options.triton_host),
    }
