"""`scoring keys`: a key is shown once, and the gateway knows it."""

import asyncio
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.access.access import Access
from gateway.access.client import Client, Quota, Scope
from gateway.access.keys_commands import app
from gateway.settings import Settings

RUN = "from scoring import app; app()"
ENVIRON = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)


def keys(*words: str, **environ: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(app, words, env={"COLUMNS": "100", **environ})


def new(*words: str) -> str:
    """Make a key for the FAQ and return it."""
    result = keys("new", "--scope", "faq", *words)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def listed() -> list[dict[str, Any]]:
    """Return what `list --json` prints."""
    found: list[dict[str, Any]] = json.loads(keys("list", "--json").stdout)
    return found


async def test_a_new_key_lets_its_client_in() -> None:
    """The key alone is on standard output, and the gateway gives its client what was named."""
    words = "new --client web --scope image --scope faq --scope faq --rate 2.5 --burst 9 --concurrent 4 --expires 90d"
    result = keys(*words.split())
    assert re.fullmatch(r"rts_k[0-9a-z]{5}_[0-9A-Za-z]{43}\n", result.stdout)
    key = result.stdout.strip()
    assert key not in result.stderr
    assert key.split("_")[2] not in Path("keys.json").read_text()  # noqa: ASYNC240  a test may wait
    client = await Access(Settings(keys_file="keys.json")).client(f"Bearer {key}".encode(), b"")
    assert client == Client("web", frozenset({Scope.FAQ, Scope.IMAGE}), Quota(2.5, 9, 4), "web")


def test_what_is_said_of_a_new_key() -> None:
    """Standard error says what the key is for, that it is shown once, and how to try it."""
    result = keys("new", "--client", "web", "--scope", "faq", "--rate", "100", "--expires", "2099-01-31")
    key_id = result.stdout.split("_")[1]
    assert f"key {key_id} of client web: faq; quota 100/s; expires 2099-01-31" in result.stderr
    assert "shown this once" in result.stderr
    assert 'curl -s -H "Authorization: Bearer $KEY" localhost:8080/v1/faq/match' in result.stderr


@pytest.mark.parametrize(("scope", "path"), [("image", "/v1/images/classify"), ("admin", "/metrics")])
def test_the_example_fits_the_scope(scope: str, path: str) -> None:
    """The curl line asks for something that the key allows."""
    assert f"localhost:8080{path}" in keys("new", "--client", "web", "--scope", scope).stderr


async def test_a_key_from_elsewhere() -> None:
    """A key that a client has already, such as one of the 2019 web service, lets it in, and is not shown."""
    key = "0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P"
    words = ["new", "--client", "legacy", "--scope", "faq", "--adopt"]
    result = CliRunner().invoke(app, words, input=f"{key}\n")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "The client goes on using it" in result.stderr
    assert key not in result.stderr + Path("keys.json").read_text()  # noqa: ASYNC240  a test may wait
    assert (await Access(Settings(keys_file="keys.json")).client(f"Bearer {key}".encode(), b"")).name == "legacy"
    assert "two keys have the same sha256" in CliRunner().invoke(app, words, input=key).stderr


@pytest.mark.parametrize("text", ["", "\n", "short", "canary with spaces canary with spaces", "ключ" * 10, "k" * 129])
def test_a_key_from_elsewhere_that_is_none(text: str) -> None:
    """What is too short, too long or no key at all is not taken, nor shown."""
    result = CliRunner().invoke(app, ["new", "--client", "legacy", "--scope", "faq", "--adopt"], input=text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("scoring keys: --adopt: expected a line of 32 to 128 letters, digits and signs")
    assert "canary" not in result.stderr
    assert not Path("keys.json").exists()


def test_the_list() -> None:
    """One line for each key: id, client, scopes, quota, dates and whether it is valid."""
    first = new("--client", "web", "--rate", "100", "--burst", "200", "--concurrent", "32")
    second = new("--client", "batch.jobs", "--expires", "90d", "--rate", "0", "--concurrent", "0")
    third = new("--client", "other")
    day = datetime.now(UTC)
    lines = [" ".join(line.split()) for line in keys("list").stdout.splitlines()]
    ids = [key.split("_")[1] for key in (first, second, third)]
    expires = f"{day + timedelta(days=90):%Y-%m-%d}"
    assert lines == [
        "id client scopes quota created expires state",
        f"{ids[0]} web faq 100/s, burst 200, 32 at once {day:%Y-%m-%d} never valid",
        f"{ids[1]} batch.jobs faq any rate, any at once {day:%Y-%m-%d} {expires} valid",
        f"{ids[2]} other faq default {day:%Y-%m-%d} never valid",
    ]


def test_the_list_for_programs() -> None:
    """--json prints all that may be known of each key, oldest first, and no digest."""
    new("--client", "web", "--rate", "1")
    content = json.loads(Path("keys.json").read_text())
    content["keys"][0] |= {"created": "2025-01-01T00:00:00Z", "expires": "2025-02-01T00:00:00Z"}
    Path("keys.json").write_text(json.dumps(content))
    new("--client", "web", "--expires", "1h")
    old, young = listed()
    assert old == {
        "id": content["keys"][0]["id"],
        "client": "web",
        "scopes": ["faq"],
        "quota": {"rate": 1.0, "burst": None, "concurrent": None},
        "created": "2025-01-01T00:00:00Z",
        "expires": "2025-02-01T00:00:00Z",
        "state": "expired",
    }
    assert young["state"] == "valid"


def test_an_empty_list() -> None:
    """A file without keys says how to make one."""
    Path("keys.json").write_text('{"version":1}')
    assert keys("list").stdout == "no keys; make one with: scoring keys new\n"
    assert listed() == []


async def test_revoking() -> None:
    """A revoked key, or all of a client, are nobody's any more; the others stay."""
    made = {name: [new("--client", name) for _ in range(2)] for name in ("web", "batch")}
    result = keys("revoke", made["web"][0].split("_")[1])
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"revoked key {made['web'][0].split('_')[1]} of client web\n"
    assert [each["client"] for each in listed()] == ["web", "batch", "batch"]
    assert keys("revoke", "--client", "batch").stderr.count("revoked key") == 2
    client = await Access(Settings(keys_file="keys.json")).client(b"", made["web"][1].encode())
    assert client.name == "web"
    assert [each["client"] for each in listed()] == ["web"]


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("new --client web --scope faq --expires soon", "--expires soon: expected a time such as 90d"),
        ("new --client web --scope faq --expires 2020-01-01", "--expires 2020-01-01: expected a moment from now on"),
        ("new --client web --scope faq --rate nan", "--rate nan: expected a number from 0 to 1000000"),
        ("new --client web --scope faq --rate -1", "--rate -1.0: expected a number from 0 to 1000000"),
        ("new --client web --scope faq --burst 1000001", "--burst 1000001: expected a number from 0 to 1000000"),
        ("new --client web --scope faq --concurrent -1", "--concurrent -1: expected a number from 0 to 1000000"),
        ("new --client a/b --scope faq", "--client a/b: expected 1 to 32 letters, digits"),
        ("new --client oidc:1 --scope faq", "--client oidc:1: expected 1 to 32 letters, digits"),
        ("new --client web --scope faq --keys-file no/keys.json", "no/keys.json: cannot be written: No such file"),
        ("list", "keys.json: cannot be read: No such file or directory"),
        ("revoke", "name either the ID of a key or --client NAME"),
        ("revoke k1 --client web", "name either the ID of a key or --client NAME"),
        ("revoke k1", "keys.json: no key has this ID; see them all with: scoring keys list"),
        ("revoke --client web", "keys.json: no key belongs to this client; see them all with: scoring keys list"),
    ],
)
def test_refusals(words: str, refusal: str) -> None:
    """A refusal is one line with exit code 2, names what is wrong and what is expected, and changes nothing."""
    result = keys(*words.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"scoring keys: {refusal}")
    assert result.stderr.count("\n") == 1
    assert not Path("keys.json").exists()


@pytest.mark.parametrize("words", ["new", "new --client web", "new --scope faq", "new --client web --scope all"])
def test_usage(words: str) -> None:
    """What must be named, and what it may be, is said."""
    result = keys(*words.split())
    assert result.exit_code == 2
    assert "--scope" in result.stderr or "--client" in result.stderr


def test_help_teaches() -> None:
    """The help shows a first key, the gateway that reads it, and rotation."""
    text = " ".join(keys("new", "--help").stdout.split())
    for words in ("KEY=$(scoring keys new", "scoring gateway --keys-file keys.json", "To rotate a key", "90d"):
        assert words in text


def test_the_file_is_the_gateways() -> None:
    """The gateway's variable names the file here, too."""
    assert keys("new", "--client", "web", "--scope", "faq", SCORING_KEYS_FILE="other.json").exit_code == 0
    assert Path("other.json").exists()
    assert not Path("keys.json").exists()


def test_a_full_disk(tmp_path: Path) -> None:
    """A key that could not be written down is not shown, and nothing of it is left behind."""
    new("--client", "web")
    before = Path("keys.json").read_bytes()
    words = f"ulimit -f 0; exec \"$0\" -c '{RUN}' keys new --client web --scope faq"
    done = subprocess.run(
        ["bash", "-c", words, sys.executable], capture_output=True, text=True, check=False, env=ENVIRON
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "scoring keys: keys.json: cannot be written: File too large\n"
    assert Path("keys.json").read_bytes() == before
    assert list(tmp_path.iterdir()) == [tmp_path / "keys.json"]


async def test_commands_at_the_same_time() -> None:
    """Several people who make keys at the same time each get one that is valid."""
    command = [sys.executable, "-c", RUN, "keys", "new", "--client", "web", "--scope", "faq"]
    pipe = asyncio.subprocess.PIPE
    processes = [
        await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe, env=ENVIRON) for _ in range(4)
    ]
    made = [(await process.communicate())[0].strip() for process in processes]
    access = Access(Settings(keys_file="keys.json"))
    assert [(await access.client(b"", key)).name for key in made] == ["web"] * 4
