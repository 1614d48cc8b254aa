"""What `scoring models follow` tells: a line for each switch, failure and recovery, for people or as JSON."""

from typing import Any

import msgspec

from registry.console import say
from registry.errors import RegistryError
from registry.options import Format
from registry.origin import now
from registry.pull import Pulled


class Lines:
    """The `registry.follow.Journal` and `registry.pull.Watcher` of a container's log; a look without news is silent."""

    def __init__(self, format_: Format) -> None:
        self._format = format_

    def switched(self, pulled: Pulled) -> None:
        before = pulled.previous or "nothing"
        text = f"current is {pulled.folder} now, was {before}"
        self._line("info", "switched", text, release=pulled.release, previous=pulled.previous, bytes=pulled.downloaded)

    def failed(self, error: Exception, wait: float) -> None:
        hint = f" ({error.hint})" if isinstance(error, RegistryError) else f" ({type(error).__name__})"
        self._line("error", "failed", f"{error}{hint}; again in {wait:.1f} s", wait=round(wait, 1))

    def recovered(self, failures: int) -> None:
        self._line("info", "recovered", f"well again after {failures} failures", failures=failures)

    def waits(self) -> None:
        self._line("info", "waits", "another pull is at work in this folder")

    def planned(self, release: str, present: int, missing: int) -> None:
        text = f"pulling {release}: {missing:,} bytes to download, {present:,} here already"
        self._line("info", "pulling", text, release=release, missing=missing, present=present)

    def advanced(self, size: int) -> None:
        """Say nothing: a log is no progress bar."""

    def _line(self, level: str, event: str, text: str, **facts: Any) -> None:
        line = {"time": now(), "level": level, "event": event, "message": " ".join(text.split()), **facts}
        say(msgspec.json.encode(line).decode() if self._format is Format.JSON else f"{line['time']} {level} {text}")
