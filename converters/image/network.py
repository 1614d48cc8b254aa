"""Whether the official weights can be had, found out in seconds: to a machine that is cut off nothing answers."""

import os
import socket
import threading
import urllib.request
from pathlib import Path

from converters.errors import WeightsError

HOSTS = {"torch": "download.pytorch.org", "keras": "storage.googleapis.com"}
PATIENCE = 3.0  # seconds, name resolution included


def reach(source: str) -> None:
    """Raise WeightsError when a framework's weights were never downloaded and their host accepts no connection.

    Behind a proxy only the download itself can tell, and nothing is raised.
    """
    if not _cached(source) and "https" not in urllib.request.getproxies():
        connect(HOSTS[source])


def connect(host: str, port: int = 443) -> None:
    """Raise WeightsError when nobody accepts a connection within the patience."""
    reached = threading.Event()
    # A thread that is not waited for: name resolution knows no time limit of its own.
    attempt = threading.Thread(target=_try, args=[(host, port), reached], daemon=True)
    attempt.start()
    attempt.join(PATIENCE)
    if not reached.is_set():
        raise WeightsError(
            f"{host} does not answer: the official weights cannot be downloaded",
            hint="name a file that you have: --weights PATH",
        )


def _try(address: tuple[str, int], reached: threading.Event) -> None:
    try:
        with socket.create_connection(address, PATIENCE):
            reached.set()
    except OSError:
        return


def _cached(source: str) -> bool:
    """Whether torch or Keras keeps a file of the network's weights; whether it is the right one, loading will tell."""
    home = Path.home()
    caches = Path(os.environ.get("XDG_CACHE_HOME", home / ".cache"))
    folders = {
        "torch": Path(os.environ.get("TORCH_HOME", caches / "torch"), "hub", "checkpoints"),
        "keras": Path(os.environ.get("KERAS_HOME", home / ".keras"), "models"),
    }
    return any(folders[source].glob("resnet152[-_]*"))
