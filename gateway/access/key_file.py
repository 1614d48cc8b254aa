"""The file of API keys: JSON that holds digests, never a key.

    {"version": 1,
     "clients": {"web": {"rate": 100, "burst": 200, "concurrent": 32}},
     "keys": [{"id": "k3f9a2", "client": "web", "sha256": "9f86d0...", "scopes": ["faq"],
               "created": "2026-11-25T09:00:00Z", "expires": null}]}

Its errors name key or client, field and limit, and repeat nothing of what stands in a wrong field.
"""

import json
import os
import re
import stat
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import msgspec
from msgspec import Meta, Struct

from gateway.access.client import Scope
from gateway.access.key import ID_PATTERN

VERSION = 1
MOST_BYTES = 1 << 20

ClientName = Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]  # too short for a key
Rate = Annotated[float, Meta(ge=0, le=1e6)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Moment = Annotated[datetime, Meta(tz=True)]

_Kind = TypeVar("_Kind", bound=Struct)


class KeyFileError(ValueError):
    """The key file cannot be used; the message says where and why."""


class ClientEntry(Struct, frozen=True, omit_defaults=True):
    """A client's quota; None takes what the settings say, 0 sets no limit."""

    rate: Rate | None = None  # requests per second
    burst: Count | None = None  # requests
    concurrent: Count | None = None  # requests in flight


class KeyEntry(Struct, frozen=True):
    """What is kept of a key."""

    id: Annotated[str, Meta(pattern=ID_PATTERN)]
    client: ClientName
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    scopes: Annotated[list[str], Meta(min_length=1, max_length=len(Scope))]
    created: Moment
    expires: Moment | None = None


class KeyFile(Struct, frozen=True):
    """A key file that holds together: every key's client is there, no id and no digest is there twice."""

    version: int = VERSION
    clients: dict[str, ClientEntry] = {}
    keys: list[KeyEntry] = []


class _Name(Struct, frozen=True):
    client: ClientName


def read_bytes(path: Path) -> bytes:
    """Read a key file as it is at one moment, even if it is being replaced. Raises KeyFileError."""
    try:
        # Opened without waiting: a pipe in its place would never end.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise KeyFileError("is not a regular file")
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise KeyFileError(f"cannot be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise KeyFileError(f"has more than {MOST_BYTES} bytes")
    return data


def parse(data: bytes) -> KeyFile:
    """Read the content of a key file. Raises KeyFileError."""
    content = _object(_json(data), "the file", KeyFile)
    if content.get("version") != VERSION or isinstance(content["version"], bool):
        raise KeyFileError(f"field version: expected {VERSION}")
    clients, keys = content.get("clients", {}), content.get("keys", [])
    if not isinstance(clients, dict) or not isinstance(keys, list):
        raise KeyFileError("expected an object in the field clients and an array in the field keys")
    found = KeyFile(VERSION, dict(map(_client, clients.items())), list(map(_key, keys, range(len(keys)))))
    _check(found)
    return found


def encode(content: KeyFile) -> bytes:
    """Write what `parse` reads, for people to read too."""
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def _json(data: bytes) -> Any:
    try:
        return json.loads(data, object_pairs_hook=_once, parse_constant=_refuse)
    except KeyFileError:
        raise
    except (ValueError, RecursionError) as error:
        where = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise KeyFileError(f"is not JSON{where}") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _unique((name for name, _ in pairs), "the same field is there twice in an object")
    return dict(pairs)


def _refuse(_: str) -> NoReturn:
    raise KeyFileError("is not JSON: NaN and Infinity are not numbers")


def _client(entry: tuple[str, Any]) -> tuple[str, ClientEntry]:
    name, value = entry
    _convert({"client": name}, _Name, "clients, a name")
    return name, _convert(value, ClientEntry, f"client {name}")


def _key(value: Any, number: int) -> KeyEntry:
    name = value.get("id") if isinstance(value, dict) else None
    where = f"key {name}" if isinstance(name, str) and re.fullmatch(ID_PATTERN, name) else f"key number {number + 1}"
    key = _convert(value, KeyEntry, where)
    if not set(key.scopes) <= set(Scope):
        raise KeyFileError(f"{where}, field scopes: expected some of {', '.join(Scope)}")
    return key


def _convert(value: Any, kind: type[_Kind], where: str) -> _Kind:
    try:
        return msgspec.convert(_object(value, where, kind), kind)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `$")
        field = f", field {path.strip('.`')}" if path else ""
        raise KeyFileError(f"{where}{field}: {text[:1].lower()}{text[1:]}") from None


def _object(value: Any, where: str, kind: type[Struct]) -> dict[str, Any]:
    """Return a JSON object that has no other fields than the struct: a misspelt one must not be ignored."""
    if not isinstance(value, dict):
        raise KeyFileError(f"{where}: expected an object")
    if set(value) - set(kind.__struct_fields__):
        raise KeyFileError(f"{where}: has a field other than {', '.join(kind.__struct_fields__)}")
    return value


def _check(found: KeyFile) -> None:
    for key in found.keys:
        if key.client not in found.clients:
            raise KeyFileError(f"key {key.id}, field client: is not among the clients")
    _unique((key.id for key in found.keys), "two keys have the same id")
    _unique((key.sha256 for key in found.keys), "two keys have the same sha256")


def _unique(values: Iterable[str], otherwise: str) -> None:
    if max(Counter(values).values(), default=1) > 1:
        raise KeyFileError(otherwise)
