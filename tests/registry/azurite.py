"""Azurite: Azure Blob Storage as a process of this machine."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from azure.storage.blob import ContainerClient

from standalone.ports import is_listening, take_free

PROGRAM = Path(__file__).parents[2] / ".tools" / "node_modules" / ".bin" / "azurite-blob"
ACCOUNT = "devstoreaccount1"
# The key that every Azurite has ("Use the Azurite emulator", Azure documentation).
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="  # gitleaks:allow
CONNECTION = f"AccountName={ACCOUNT};AccountKey={KEY}"
_SECONDS = 60


@contextmanager
def started() -> Iterator[int]:
    """Yield the port of an empty one that keeps everything in memory."""
    (port,) = take_free(1)
    flags = [
        "--inMemoryPersistence",
        "--skipApiVersionCheck",
        "--disableTelemetry",
        "--silent",
        "--blobPort",
        str(port),
    ]
    with subprocess.Popen([str(PROGRAM), *flags], stdout=subprocess.DEVNULL) as process:
        try:
            _wait(process, port)
            yield port
        finally:
            process.terminate()


def new_container(port: int) -> str:
    """Make a container, and return its URL."""
    url = f"http://127.0.0.1:{port}/{ACCOUNT}/models-{uuid4().hex}"
    with ContainerClient.from_container_url(url, credential={"account_name": ACCOUNT, "account_key": KEY}) as client:
        client.create_container()
    return url


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if is_listening(port):
            return
        time.sleep(0.05)
    raise RuntimeError("Azurite does not start")
