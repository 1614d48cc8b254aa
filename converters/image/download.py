"""Weights from the network: over TLS, checked, complete or not at all, kept in torch's cache."""

import hashlib
import ipaddress
import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from converters.errors import WeightsError
from converters.progress import Progress, Silent

OFFLINE_HINT = "name a file that you have: --weights PATH, or make a version for load tests: --weights untrained"
TIMEOUT = 30.0  # seconds without a byte
LARGEST = 4_000_000_000  # bytes; the largest network that fits here has a tenth of it
_CHUNK = 2**20  # bytes
_OTHER_FILE = "is this the address of the weights?"
_CHECKSUM = re.compile(r"(sha256|md5)=([0-9a-f]{8,64})")


@dataclass(frozen=True)
class Remote:
    """A file on the network; `checksum` is the hexadecimal start of its hash, empty when nobody knows it."""

    url: str
    name: str  # in the cache
    algorithm: str = "sha256"
    checksum: str = ""

    @classmethod
    def of(cls, address: str) -> "Remote":
        """Read a user's URL, perhaps with a checksum: `https://host/weights.pth#sha256=0123…`.

        Raises WeightsError for anything but https (http on this machine), and for a checksum that is none.
        """
        url, _, fragment = address.partition("#")
        _refuse_unsafe(url)
        found = _CHECKSUM.fullmatch(fragment.lower())
        if fragment and not found:
            raise WeightsError(
                f"{shown(url)} ends in #{fragment[:20]}, which is no checksum",
                hint="write #sha256=<hexadecimal digits>",
            )
        digest = hashlib.sha256(url.encode()).hexdigest()
        return cls(url, f"{digest[:12]}-{Path(urlsplit(url).path).name[-100:]}", *(found.groups() if found else ()))


def shown(url: str) -> str:
    """A URL for messages: without user, password and query, where access tokens stand."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "the address"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def fetch(remote: Remote, folder: Path, progress: Progress | None = None) -> Path:
    """Return the file in `folder`, downloaded unless it is there already with the right checksum.

    Raises WeightsError without network, for an answer that is not the whole file, and for a wrong checksum; then no
    part of it stays.
    """
    target = folder / remote.name
    if target.is_file() and _matches(target, remote):
        return target
    partial = folder / f".{remote.name}.{os.getpid()}.partial"
    try:
        with _failures_translated(remote):
            folder.mkdir(parents=True, exist_ok=True)
            _download(remote, partial, progress or Silent())
            if not _matches(partial, remote):
                raise WeightsError(
                    f"{shown(remote.url)} does not have the {remote.algorithm} checksum {remote.checksum[:12]}…",
                    hint="the file was replaced or damaged on its way; check the address and the checksum",
                )
            partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _matches(path: Path, remote: Remote) -> bool:
    with path.open("rb") as file:
        return hashlib.file_digest(file, remote.algorithm).hexdigest().startswith(remote.checksum)


def _download(remote: Remote, path: Path, progress: Progress) -> None:
    with _OPENER.open(remote.url, timeout=TIMEOUT) as answer, path.open("wb") as file:
        length = int(answer.headers.get("content-length") or 0)
        if length > LARGEST:
            raise WeightsError(f"{shown(remote.url)} has {length:,} bytes, more than {LARGEST:,}", hint=_OTHER_FILE)
        chunks = range(-(-length // _CHUNK) or LARGEST // _CHUNK)
        for _ in progress.track(chunks, f"MiB of {remote.name}"):
            if not (chunk := answer.read(_CHUNK)):
                break
            file.write(chunk)
        _check_end(remote, file.tell(), length, rest=answer.read(1))


def _check_end(remote: Remote, got: int, length: int, rest: bytes) -> None:
    """Raise WeightsError unless all that was announced has come; a server need not announce a length."""
    if rest:
        raise WeightsError(f"{shown(remote.url)} has more than {LARGEST:,} bytes", hint=_OTHER_FILE)
    if length and got != length:
        raise WeightsError(f"{shown(remote.url)} broke off after {got:,} of {length:,} bytes", hint="try again")


class _SafeAddresses(urllib.request.BaseHandler):
    """Looks at each address before it is asked, those of redirections too."""

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        _refuse_unsafe(request.full_url)
        return request

    https_request = ftp_request = http_request


_OPENER = urllib.request.build_opener(_SafeAddresses)
_OPENER.addheaders = [("User-Agent", "realtime-scoring")]


def _refuse_unsafe(url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError as reason:
        raise WeightsError("the weights' address is malformed", hint="weights are loaded over https") from reason
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_this_machine(parts)):
        raise WeightsError(
            f"{shown(url)} is not an https address", hint="weights are loaded over https, or from a file"
        )
    if "@" in parts.netloc:
        raise WeightsError(f"{shown(url)} names a user", hint="use an address that needs no password, or a file")


def _is_this_machine(parts: SplitResult) -> bool:
    try:
        return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


@contextmanager
def _failures_translated(remote: Remote) -> Iterator[None]:
    try:
        yield
    except urllib.error.HTTPError as reason:
        reason.close()  # it is the answer too
        raise WeightsError(f"{shown(remote.url)} answers {reason.code} {reason.reason}", hint=OFFLINE_HINT) from reason
    except (OSError, HTTPException, ValueError) as reason:
        cause = reason.reason if isinstance(reason, urllib.error.URLError) else reason
        raise WeightsError(f"cannot download {shown(remote.url)}: {cause}", hint=OFFLINE_HINT) from reason
