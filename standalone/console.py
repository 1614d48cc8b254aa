"""Lines of several processes on one terminal, each with its source in front."""

import os
import sys
import threading
from typing import IO, Literal

Level = Literal["info", "warning", "error"]

# SGR codes, ECMA-48
_SOURCES = {"scoring": "36", "triton": "32", "gateway": "35"}
_LEVELS = {"info": "", "warning": "33", "error": "31"}
_WIDTH = max(map(len, _SOURCES))


class Console:
    """Writes whole lines from any thread; coloured on a terminal unless NO_COLOR is set (no-color.org)."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream = stream or sys.stdout
        self._coloured = self._stream.isatty() and not os.environ.get("NO_COLOR")
        self._lock = threading.Lock()

    def write(self, source: str, text: str, level: Level = "info") -> None:
        """Write the lines of `text`, with their source in front."""
        prefix = self._paint(f"{source:<{_WIDTH}} |", _SOURCES[source])
        self.write_plain("\n".join(f"{prefix} {self._paint(line, _LEVELS[level])}" for line in text.splitlines()))

    def write_plain(self, text: str) -> None:
        """Write `text` as it is: something to be copied from the terminal."""
        try:
            with self._lock:
                self._stream.write(text + "\n")
                self._stream.flush()
        except OSError:
            # The reader went away (`scoring serve | head`): serving goes on, in silence.
            return

    def _paint(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._coloured and colour else text
