"""Which container, and as whom: a pod's workload identity, an operator's `az login`, or the emulator's key."""

import logging
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from registry.errors import RegistryError

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

CONNECTION_STRING = "AZURE_STORAGE_CONNECTION_STRING"
_LOCAL = {"127.0.0.1", "localhost", "::1"}
_CONTAINER = re.compile(r"/(?:[a-z0-9]+/)?[a-z0-9](?:-?[a-z0-9]){2,62}")  # an emulator puts the account before it
_EXAMPLE = "https://ACCOUNT.blob.core.windows.net/CONTAINER"


def address(url: str) -> str:
    """Return a container's URL without a slash at its end.

    Raises RegistryError for another URL, and for one with a secret in it: it would end up in logs and manifests.
    """
    parts = urlsplit(url.rstrip("/"))
    if parts.query or parts.username or parts.password:
        raise RegistryError(
            "the store's URL holds a secret: a signature or a password",
            f"name {_EXAMPLE} alone; identity does the rest",
        )
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise RegistryError(
            f"{url} is not encrypted", "name it with https://; http:// is for an emulator on this machine"
        )
    if not parts.hostname or not _CONTAINER.fullmatch(parts.path) or parts.fragment:
        raise RegistryError(f"{url} is not the URL of a container", f"name one like {_EXAMPLE}")
    return parts.geturl()


def credential(url: str, environment: dict[str, str]) -> "TokenCredential | dict[str, str]":
    """Return who asks: the account key of a connection string in the environment, else Entra ID's identity.

    Raises RegistryError for a connection string without a key, and for an emulator without one.
    """
    if given := environment.get(CONNECTION_STRING):
        fields = dict(part.partition("=")[::2] for part in given.split(";"))
        if not {"AccountName", "AccountKey"} <= fields.keys():
            raise RegistryError(
                f"{CONNECTION_STRING} names no AccountName and AccountKey", "unset it to use an identity of Entra ID"
            )
        return {"account_name": fields["AccountName"], "account_key": fields["AccountKey"]}
    if url.startswith("http://"):
        raise RegistryError(f"{url} is an emulator", f"set {CONNECTION_STRING} to its connection string")
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415 - not for an emulator

    logging.getLogger("azure").addHandler(logging.NullHandler())  # its errors tell the same in one line
    return DefaultAzureCredential()
