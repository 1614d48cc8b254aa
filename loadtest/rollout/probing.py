"""What the kubelet asks a container, and what becomes of the answers."""

import asyncio
from collections.abc import Callable

from loadtest.rollout.workload import Probe

_OK = range(200, 400)  # as the kubelet has it
_LONGEST_LINE = 1024  # bytes


async def started(address: str, probe: Probe) -> bool:
    """Ask until it succeeds as often as it has to; return whether it does before it fails too often."""
    await asyncio.sleep(probe.initial_delay)
    row = _Row(probe)
    while True:
        row.add(ok=await _ask(address, probe))
        if row.ok or row.failed:
            return row.ok
        await asyncio.sleep(probe.period)


async def follow(address: str, probe: Probe, tell: Callable[[bool], None]) -> None:
    """Ask for ever, and tell each change from not ready, which it is at first, to ready and back."""
    await asyncio.sleep(probe.initial_delay)
    row, told = _Row(probe), False
    while True:
        row.add(ok=await _ask(address, probe))
        now = row.ok or (told and not row.failed)
        if now != told:
            told = now
            tell(now)
        await asyncio.sleep(probe.period)


class _Row:
    """Answers of one kind in a row."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._last, self._length = False, 0

    def add(self, *, ok: bool) -> None:
        self._length = self._length + 1 if ok == self._last else 1
        self._last = ok

    @property
    def ok(self) -> bool:
        return self._last and self._length >= self._probe.successes

    @property
    def failed(self) -> bool:
        return not self._last and self._length >= self._probe.failures


async def _ask(address: str, probe: Probe) -> bool:
    try:
        async with asyncio.timeout(probe.timeout):
            reader, writer = await asyncio.open_connection(address, probe.port)
            try:
                head = f"GET {probe.path} HTTP/1.1\r\nhost: {address}:{probe.port}\r\nconnection: close\r\n\r\n"
                writer.write(head.encode())
                line = await reader.readline()
            finally:
                writer.close()
    except (OSError, ValueError):  # TimeoutError is an OSError; a line without an end is a ValueError
        return False
    words = line[:_LONGEST_LINE].split()
    return len(words) > 1 and words[1].isdigit() and int(words[1]) in _OK
