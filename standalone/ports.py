"""Ports on this machine: find free ones, and say who holds a busy one."""

import contextlib
import errno
import socket
from pathlib import Path

from standalone.errors import SetupError

LOOPBACK = "127.0.0.1"
_LISTENING = "0A"  # TCP_LISTEN in /proc/net/tcp, proc(5)


def take_free(count: int) -> list[int]:
    """Return `count` different free ports on the loopback address."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for listener in sockets:
            listener.bind((LOOPBACK, 0))
        return [listener.getsockname()[1] for listener in sockets]


def fill_in(ports: dict[str, int]) -> dict[str, int]:
    """Return `ports` with a free port in place of every 0."""
    free = iter(take_free(len(ports)))
    return {flag: port or next(free) for flag, port in ports.items()}


def check_distinct(ports: dict[str, int]) -> None:
    """Raise SetupError when one port is given to two flags; `ports` maps a flag to its port."""
    flags: dict[int, str] = {}
    for flag, port in ports.items():
        if port in flags:
            raise SetupError(f"port {port} is given to {flags[port]} and to {flag}", f"choose another one: {flag} PORT")
        flags[port] = flag


def check_free(ports: dict[str, int], host: str = LOOPBACK) -> None:
    """Check that every port can be bound; `ports` maps the flag that sets a port to its number.

    Raises SetupError naming the port, its flag and, where it can be seen, the process that holds it.
    """
    for flag, port in ports.items():
        fault = _fault(host, port)
        if fault:
            raise SetupError(
                f"port {port} on {host} ({flag}) {fault}", f"stop what holds it, or choose another port: {flag} PORT"
            )


def is_listening(port: int) -> bool:
    """Tell whether a server accepts connections on a port of the loopback address."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def _fault(host: str, port: int) -> str | None:
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still closing counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            in_use = error.errno == errno.EADDRINUSE
            return f"is in use{_by_whom(port)}" if in_use else f"cannot be opened: {error.strerror}"
        return None


def _by_whom(port: int) -> str:
    inodes = _listening_inodes(port)
    for process in Path("/proc").glob("[0-9]*"):
        # Another user's process cannot be read, and a process may end while it is looked at.
        with contextlib.suppress(OSError):
            for descriptor in (process / "fd").iterdir():
                if str(descriptor.readlink()) in inodes:
                    name = (process / "comm").read_text().strip()
                    return f" by {name} (process {process.name})"
    return ""


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for row in Path(table).read_text().splitlines()[1:]:
                columns = row.split()
                if columns[3] == _LISTENING and int(columns[1].rsplit(":", 1)[1], 16) == port:
                    inodes.add(f"socket:[{columns[9]}]")
    return inodes
