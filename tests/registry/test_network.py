"""Azure Blob Storage behind networks and keys that fail."""

import logging
import os
import signal
import subprocess
from pathlib import Path

import pytest
from azure.storage.blob import ContainerClient

from registry.blob_access import credential
from registry.blob_store import BlobStore
from registry.errors import AccessError, NotFoundError, RegistryError, UnavailableError
from registry.store import Store, open_store
from registry.verify import verify_folder
from tests.registry import azurite
from tests.registry.answers import answering
from tests.registry.command import SCORING
from tests.registry.models import write_model
from tests.registry.proxy import Then, proxied
from tests.registry.releasing import pulled, released

LARGE = 24 << 20  # bytes: three pieces


@pytest.fixture
def large(container: str, tmp_path: Path) -> str:
    """The id of a release with a large file, in the container."""
    write_model(tmp_path / "large", 1, weights=LARGE)
    return released(_open(container), tmp_path / "large", ["live"])


def _open(url: str) -> Store:
    return open_store(url, dict(os.environ))


def _impatient(url: str) -> BlobStore:
    """A store that tries once."""
    key = credential(url, dict(os.environ))
    return BlobStore(url, ContainerClient.from_container_url(url, credential=key, retry_total=0))


def _through(container: str, azurite_port: int, port: int) -> str:
    return container.replace(f":{azurite_port}/", f":{port}/")


def test_a_lost_connection_costs_nothing(container: str, azurite_port: int, large: str, tmp_path: Path) -> None:
    """A connection that is cut in the middle of a file is replaced, and the file is whole."""
    with proxied(azurite_port, LARGE // 2, Then.HANG_UP) as proxy:
        pulled(_open(_through(container, azurite_port, proxy.port)), large, tmp_path / "target")
        assert proxy.reached.is_set()
    assert verify_folder(tmp_path / "target" / "current", lambda _: None).faults == []


@pytest.mark.parametrize(("command", "code"), [("pull", 128 + signal.SIGTERM), ("follow", 0)])
def test_stopped_while_nothing_comes(
    container: str, azurite_port: int, large: str, tmp_path: Path, command: str, code: int
) -> None:
    """SIGTERM in the middle of a download that stalls: the process ends without waiting for it, and leaves no part."""
    target = tmp_path / "target"
    with proxied(azurite_port, LARGE // 2, Then.STALL) as proxy:
        store = _through(container, azurite_port, proxy.port)
        arguments = [command, "--store", store, "--release", "live", "--target", str(target)]
        arguments += ["--with-weights"] if command == "follow" else []
        with subprocess.Popen([SCORING, "models", *arguments], stderr=subprocess.PIPE, text=True) as process:
            assert proxy.reached.wait(60)
            process.terminate()
            _, said = process.communicate(timeout=20)  # the network is given up after 30 s
    assert (process.returncode, said.splitlines()[-1]) == (code, f"scoring models {command}: stopped")
    assert [path.name for path in target.iterdir()] == [".lock"]


def test_a_wrong_key(container: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal says what may be wrong, and which roles there are to ask for."""
    key = azurite.KEY[::-1].strip("=") + "=="
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", f"AccountName={azurite.ACCOUNT};AccountKey={key}")
    with pytest.raises(AccessError, match="403 AuthorizationFailure") as caught:
        list(_open(container).entries("files/"))
    assert "Storage Blob Data Reader" in caught.value.hint
    assert "firewall" in caught.value.hint
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "code", "error", "hint"),
    [
        (403, "AuthorizationPermissionMismatch", AccessError, "Storage Blob Data Contributor to push"),
        (403, "AuthorizationFailure", AccessError, "firewall"),
        (409, "BlobImmutableDueToPolicy", AccessError, "immutability policy"),
        (429, "TooManyRequests", UnavailableError, "try again later"),
        (503, "ServerBusy", UnavailableError, "try again later"),
        (400, "InvalidHeaderValue", RegistryError, "firewall"),
    ],
)
@pytest.mark.usefixtures("azurite_key")
def test_what_a_refusal_means(status: int, code: str, error: type[RegistryError], hint: str) -> None:
    """Azure's word for it is passed on, with what to do about it, whether one reads or writes."""
    with answering(status, code) as port:
        store = _impatient(f"http://127.0.0.1:{port}/{azurite.ACCOUNT}/models")
        for ask in (lambda: list(store.entries("files/")), lambda: store.put("files/a", [b"x"])):
            with pytest.raises(error, match=f"{status} {code}|: {code}") as caught:
                ask()
            assert type(caught.value) is error
            assert hint in caught.value.hint


@pytest.mark.usefixtures("azurite_key")
def test_a_locked_blob_counts_as_used() -> None:
    """What an immutability policy keeps from being touched is kept from being pruned, too."""
    with answering(409, "BlobImmutableDueToPolicy") as port:
        assert _impatient(f"http://127.0.0.1:{port}/{azurite.ACCOUNT}/models").touch("files/a") == 3


def test_a_container_that_is_not_there(container: str) -> None:
    """The hint says how to make one."""
    for ask in (lambda store: list(store.entries("files/")), lambda store: store.touch("files/a")):
        with pytest.raises(NotFoundError, match="no container") as caught:
            ask(_open(f"{container}-other"))
        assert "az storage container create" in caught.value.hint


def test_nobody_listens(container: str, azurite_port: int) -> None:
    """An address that nobody answers at is told as such."""
    with pytest.raises(UnavailableError, match="cannot be reached"):
        _impatient(_through(container, azurite_port, 9)).touch("files/a")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://account.blob.core.windows.net", "not the URL of a container"),
        ("https://account.blob.core.windows.net/a/b/c", "not the URL of a container"),
        ("https://account.blob.core.windows.net/Models", "not the URL of a container"),
        ("https://account.blob.core.windows.net/models?sv=2024&sig=c2VjcmV0", "holds a secret"),
        ("https://user:c2VjcmV0@account.blob.core.windows.net/models", "holds a secret"),
        ("http://account.blob.core.windows.net/models", "not encrypted"),
        ("http://127.0.0.1:10000/devstoreaccount1/models", "is an emulator"),
        ("s3://bucket/models", "is no store"),
        ("", "is no store"),
    ],
)
def test_addresses_that_are_none(url: str, reason: str) -> None:
    """What cannot be a store is refused before anything is asked, and secrets are not repeated."""
    with pytest.raises(RegistryError, match=reason) as caught:
        open_store(url, {})
    assert "c2VjcmV0" not in f"{caught.value}{caught.value.hint}"


def test_a_connection_string_without_a_key() -> None:
    """One for a shared access signature is of no use here."""
    with pytest.raises(RegistryError, match="names no AccountName and AccountKey"):
        open_store("https://a.blob.core.windows.net/models", {"AZURE_STORAGE_CONNECTION_STRING": "BlobEndpoint=x"})


def test_an_identity_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a pod without workload identity, the error says in a line what was tried, and what to annotate and label."""
    for name in [each for each in os.environ if each.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "WorkloadIdentityCredential")
    with pytest.raises(AccessError) as caught:
        _impatient("https://account.blob.core.windows.net/models").touch("files/a")
    assert "WorkloadIdentityCredential authentication unavailable" in str(caught.value)
    assert "azure.workload.identity/client-id" in caught.value.hint
    assert logging.getLogger("azure").handlers, "the SDK would print pages of it on standard error"
