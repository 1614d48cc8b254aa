"""The commands `scoring keys new`, `list` and `revoke`: who may ask the gateway."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer

from gateway.access import key, key_edit, keys_shown
from gateway.access.client import Scope
from gateway.access.expiry import ExpiryError, read_expiry
from gateway.access.key_file import ClientEntry, ClientName, KeyEntry, KeyFileError

app = typer.Typer(
    help="Make, list and revoke the API keys that clients of the gateway show. Their file holds SHA-256 digests, never "
    "a key; the gateway follows each change within a second.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

# The first character keeps the lines as they are.
EXAMPLES = """\b
KEY=$(scoring keys new --client web --scope faq --scope image --rate 100 --expires 90d)
scoring gateway --keys-file keys.json
curl -s localhost:8080/v1/models -H "Authorization: Bearer $KEY"

To rotate a key, make a second one for the same client, let the client change over, revoke the first.
"""
_File = Annotated[
    Path,
    typer.Option("--keys-file", envvar="SCORING_KEYS_FILE", metavar="FILE", help="The file of keys, as the gateway's."),
]
_FILE = Path("keys.json")
_MOST = 1_000_000


@app.command(epilog=EXAMPLES)
def new(
    client: Annotated[str, typer.Option(metavar="NAME", help="Whom the key is for; several keys may share a client.")],
    scope: Annotated[
        list[Scope],
        typer.Option(metavar="|".join(Scope), help="What the key allows; may be given several times."),
    ],
    rate: Annotated[
        float | None,
        typer.Option(metavar="N", help="The client's requests per second, all keys together; 0 sets no limit."),
    ] = None,
    burst: Annotated[
        int | None, typer.Option(metavar="N", help="Its requests at once after a pause; 0 takes its rate.")
    ] = None,
    concurrent: Annotated[
        int | None, typer.Option(metavar="N", help="Its requests in flight; 0 sets no limit.")
    ] = None,
    expires: Annotated[
        str, typer.Option(metavar="WHEN", help="Such as 90d, 12h, 2027-01-31 (its start, UTC) or never.")
    ] = "never",
    adopt: Annotated[
        bool,
        typer.Option(
            "--adopt", help="Make none: read from standard input one that the client has, as of a service before."
        ),
    ] = False,
    file: _File = _FILE,
) -> None:
    """Make a key and print it, this once, on standard output.

    Limits that are not named stay as the client has them, or as the gateway's --client-rate, --client-burst and
    --client-concurrent say.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    quota = _quota(rate=rate, burst=burst, concurrent=concurrent)
    end = _expiry(expires, now)
    _check_client(client)
    adopted = _adopted() if adopt else ""
    scopes = [str(each) for each in Scope if each in scope]
    with _refusals(file), key_edit.editing(file) as draft:
        key_id = draft.unused_id()
        text = adopted or key.new_key(key_id)
        made = KeyEntry(key_id, client, key.digest(text.encode()).hex(), scopes, now, end)
        draft.add(made, quota)
    typer.echo(keys_shown.explanation(made, draft.clients[client], file, adopted=adopt), err=True)
    if not adopt:
        typer.echo(text)


@app.command("list")
def list_(
    file: _File = _FILE,
    as_json: Annotated[bool, typer.Option("--json", help="Print an array of objects, for programs.")] = False,
) -> None:
    """List the keys: their clients, scopes, quotas, and until when they are valid."""
    with _refusals(file):
        content = key_edit.read(file)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(keys_shown.rows(content))))
    else:
        keys_shown.print_table(content)


@app.command()
def revoke(
    key_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Id of a key, as `list` shows it.")] = None,
    client: Annotated[
        str | None, typer.Option(metavar="NAME", help="Revoke all keys of this client, and forget its quota.")
    ] = None,
    file: _File = _FILE,
) -> None:
    """Take keys out of the file: within a second, the gateway refuses them."""
    if (key_id is None) == (client is None):
        _refuse("name either the ID of a key or --client NAME")
    with _refusals(file), key_edit.editing(file) as draft:
        revoked = draft.revoke(key_id) if key_id is not None else draft.revoke_client(client or "")
        if not revoked:
            what = "has this ID" if client is None else "belongs to this client"
            raise KeyFileError(f"no key {what}; see them all with: scoring keys list")
    for each in revoked:
        typer.echo(f"revoked key {each.id} of client {each.client}", err=True)


def _adopted() -> str:
    """Read a key that was made elsewhere: short ones could be guessed from their digest."""
    text = typer.get_text_stream("stdin").readline(key.LONGEST + 2).rstrip("\r\n")
    if not re.fullmatch(rf"[!-~]{{{key.SHORTEST},{key.LONGEST}}}", text):
        _refuse(
            f"--adopt: expected a line of {key.SHORTEST} to {key.LONGEST} letters, digits and signs on standard input"
        )
    return text


def _quota(**limits: float | None) -> ClientEntry:
    for name, limit in limits.items():
        if limit is not None and not 0 <= limit <= _MOST:
            _refuse(f"--{name} {limit}: expected a number from 0 to {_MOST}")
    return msgspec.convert(limits, ClientEntry)


def _expiry(text: str, now: datetime) -> datetime | None:
    try:
        return read_expiry(text, now)
    except ExpiryError as error:
        _refuse(f"--expires {text}: {error}")


def _check_client(name: str) -> None:
    try:
        msgspec.convert(name, ClientName)
    except msgspec.ValidationError:
        _refuse(f"--client {name}: expected 1 to 32 letters, digits and . _ - (the first a letter or digit)")


@contextmanager
def _refusals(file: Path) -> Iterator[None]:
    try:
        yield
    except KeyFileError as error:
        _refuse(f"{file}: {error}")


def _refuse(text: str) -> NoReturn:
    typer.echo(f"scoring keys: {text}", err=True)
    raise typer.Exit(2)
