"""What `scoring keys` shows of keys: a table, rows for programs, and what to do with a new one."""

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.access.client import Scope
from gateway.access.key_file import ClientEntry, KeyEntry, KeyFile

_STYLES = {"valid": "green", "expired": "red"}
_REQUESTS = {
    Scope.FAQ: "/v1/faq/match -H 'Content-Type: application/json' -d '{\"question\":\"how do I sort an array?\"}'",
    Scope.IMAGE: "/v1/images/classify -H 'Content-Type: image/jpeg' --data-binary @photo.jpg",
    Scope.ADMIN: "/metrics",
}


def rows(content: KeyFile) -> list[dict[str, Any]]:
    """Return all that may be known of each key, oldest first."""
    now = datetime.now(UTC)
    return [
        {
            "id": key.id,
            "client": key.client,
            "scopes": key.scopes,
            "quota": {name: getattr(content.clients[key.client], name) for name in ClientEntry.__struct_fields__},
            "created": key.created,
            "expires": key.expires,
            "state": "expired" if key.expires and key.expires <= now else "valid",
        }
        for key in sorted(content.keys, key=lambda key: key.created)
    ]


def print_table(content: KeyFile) -> None:
    """Print one line for each key."""
    table = Table("id", "client", "scopes", "quota", "created", "expires", "state", box=None, header_style="bold")
    for row in rows(content):
        dates = (_day(row["created"]), _day(row["expires"]))
        state = Text(row["state"], style=_STYLES[row["state"]])
        table.add_row(
            row["id"], row["client"], " ".join(row["scopes"]), limits(ClientEntry(**row["quota"])), *dates, state
        )
    Console(highlight=False).print(table if content.keys else "no keys; make one with: scoring keys new")


def limits(quota: ClientEntry) -> str:
    """Say what a client may ask for, such as `100/s, burst 200, 32 at once`.

    What it does not name, the gateway's settings say.
    """
    rate = "" if quota.rate is None else f"{quota.rate:g}/s" if quota.rate else "any rate"
    burst = f"burst {quota.burst}" if quota.burst else ""
    concurrent = "" if quota.concurrent is None else f"{quota.concurrent or 'any'} at once"
    return ", ".join(filter(None, (rate, burst, concurrent))) or "default"


def explanation(key: KeyEntry, quota: ClientEntry, file: Path, *, adopted: bool) -> str:
    """Say what a new key is for and how to try it."""
    name = shlex.quote(str(file))
    scopes = ", ".join(key.scopes)
    shown = "The client goes on using it" if adopted else "It is shown this once"
    return "\n".join(
        [
            f"key {key.id} of client {key.client}: {scopes}; quota {limits(quota)}; expires {_day(key.expires)}",
            f"{shown}: {name} holds its SHA-256 alone. A gateway started with",
            f"--keys-file {name} knows it within a second. With the key in KEY, try:",
            f'  curl -s -H "Authorization: Bearer $KEY" localhost:8080{_REQUESTS[Scope(key.scopes[0])]}',
        ]
    )


def _day(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d}" if moment else "never"
