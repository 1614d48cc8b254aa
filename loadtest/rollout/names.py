"""The cluster's DNS: a hosts file that the C library of gateways reads in place of the machine's own.

https://cwrap.org/nss_wrapper.html: several lines with one name are several addresses, and a changed file is read anew.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from loadtest.errors import LoadTestError

_LIBRARY = "libnss_wrapper.so"
_PLACES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib")


def library() -> Path | None:
    """Return where nss_wrapper is installed, None when it is not."""
    return next((path for place in _PLACES if (path := Path(place) / _LIBRARY).exists()), None)


class Names:
    """One name, and the addresses that it stands for now. Raises LoadTestError where nss_wrapper is missing."""

    def __init__(self, host: str, folder: Path) -> None:
        found = library()
        if found is None:
            raise LoadTestError("nss_wrapper is not installed", "apt-get install libnss-wrapper")
        self._host = host
        self._file = folder / "hosts"
        self._library = found
        self._seconds = 0
        self.set(frozenset())

    @property
    def environ(self) -> Mapping[str, str]:
        """What makes a program look names up here."""
        return {"LD_PRELOAD": str(self._library), "NSS_WRAPPER_HOSTS": str(self._file)}

    def set(self, addresses: frozenset[str]) -> None:
        """Let the name stand for these addresses."""
        beside = self._file.with_suffix(".new")
        beside.write_text("".join(f"{address} {self._host}\n" for address in sorted(addresses)), encoding="ascii")
        self._seconds += 1  # a file of the same second counts as the same file
        os.utime(beside, (self._seconds, self._seconds))
        beside.replace(self._file)
