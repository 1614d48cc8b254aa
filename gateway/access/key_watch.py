"""Keeps the keys as the key file says, while it changes.

The file may be a mounted secret: a symbolic link to a folder that is swapped. Its content is read again and again and
compared, because no time stamp and no notification is sure to tell; it is small.
"""

import asyncio
import logging
from hashlib import sha256
from pathlib import Path

from gateway.access.key_file import KeyFileError, parse, read_bytes
from gateway.access.keys import Keys
from gateway.settings import Settings, SettingsError

_log = logging.getLogger(__name__)

INTERVAL = 1.0  # seconds


class KeyWatch:
    """The keys of a file. A file that vanishes or cannot be used leaves those that were read before."""

    def __init__(self, settings: Settings, interval: float = INTERVAL) -> None:
        """Read the file. Raises SettingsError when it cannot be used."""
        self._interval = interval
        self._path = Path(settings.keys_file)
        self._settings = settings
        self._seen = b""
        self._fault = ""
        self._task: asyncio.Task[None] | None = None
        try:
            self._read()
        except KeyFileError as error:
            raise SettingsError(
                f"SCORING_KEYS_FILE={settings.keys_file!r}: {error}; make one with: scoring keys new"
            ) from None

    def start(self) -> None:
        """Read the file again and again from now on."""
        self._task = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stop reading."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            try:
                if await asyncio.to_thread(self._read):
                    _log.info("key file read: %d keys", len(self.keys))
                self._fault = ""
            except KeyFileError as error:
                self._complain(str(error))

    def _read(self) -> bool:
        """Take over what the file says and tell whether it is something new. Raises KeyFileError."""
        data = read_bytes(self._path)
        seen = sha256(data).digest()
        if seen == self._seen:
            return False
        self.keys = Keys(parse(data), self._settings)
        self._seen = seen
        return True

    def _complain(self, fault: str) -> None:
        """Log a fault once, not every second."""
        if fault != self._fault:
            self._fault = fault
            _log.error("the key file: %s; the keys read before stay valid", fault)
