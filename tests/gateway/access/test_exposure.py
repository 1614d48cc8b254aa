"""What may be opened to the network."""

import re

import pytest
from typer.testing import CliRunner

from gateway.access.exposure import check_exposure, only_loopback
from gateway.commands import app
from gateway.settings import Settings, SettingsError


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.5.6.7", "127.1", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "localhost", "LOCALHOST"]
)
def test_loopback_is_for_everyone(host: str) -> None:
    """Addresses and names of this machine alone need no keys."""
    check_exposure(Settings(host=host))


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "0", "::", "10.1.2.3", "192.0.2.1", "::ffff:10.0.0.1", "fe80::1%lo", "2001:db8::1", "",
     "nobody.invalid", "localhost.evil.invalid", "a" * 300, "ü.invalid", "127.0.0.1 ", "127.0.0.1.nip.invalid"],
)  # fmt: skip
def test_the_network_is_not(host: str) -> None:
    """Every other address, and a name that has none, is refused with what to do, unless somebody asks who they are."""
    with pytest.raises(SettingsError, match=re.escape(f"SCORING_HOST={host!r} opens the service to the network")):
        check_exposure(Settings(host=host))
    check_exposure(Settings(host=host, keys_file="keys.json"))
    check_exposure(Settings(host=host, oidc_issuer="https://issuer"))
    check_exposure(Settings(host=host, allow_anonymous=True))


def test_a_name_of_several_addresses() -> None:
    """A name is this machine's alone if all of its addresses are."""
    assert only_loopback(["127.0.0.1", "::1"])
    assert not only_loopback(["127.0.0.1", "10.0.0.1"])
    assert not only_loopback(["::1", "fe80::1%eth0"])


def test_the_refusal_says_what_to_do() -> None:
    """One line names keys and the way to do without them."""
    with pytest.raises(SettingsError) as caught:
        check_exposure(Settings(host="0.0.0.0"))
    text = str(caught.value)
    assert "\n" not in text
    assert all(word in text for word in ("scoring keys new", "--keys-file", "--allow-anonymous"))


def test_the_command_refuses() -> None:
    """`scoring gateway` does not start on an open address without keys; --check tells without starting anything."""
    refused = CliRunner().invoke(app, ["--host", "0.0.0.0"])
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert refused.stderr.startswith("scoring gateway: SCORING_HOST='0.0.0.0' opens the service to the network")
    allowed = CliRunner().invoke(app, ["--host", "0.0.0.0", "--allow-anonymous", "--check"])
    assert (allowed.exit_code, allowed.output) == (0, "")
    keyless = CliRunner().invoke(app, ["--keys-file", "/missing/keys.json", "--check"])
    assert (keyless.exit_code, keyless.stderr.count("\n")) == (2, 1)
    assert keyless.stderr.startswith("scoring gateway: SCORING_KEYS_FILE='/missing/keys.json': cannot be read")
