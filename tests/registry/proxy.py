"""A proxy for TCP that lets some bytes through and then stalls or hangs up: a network that fails in the middle."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from threading import Event, Thread


class Then(Enum):
    """What happens once the bytes are through."""

    STALL = "nothing comes any more"
    HANG_UP = "this connection is cut, others are not"


class Proxy:
    """Forwards connections to a port of this machine; `reached` is set when the bytes are through."""

    def __init__(self, upstream: int, most: int, then: Then) -> None:
        self._upstream, self._left, self._then = upstream, most, then
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.reached = Event()
        self._open: list[socket.socket] = []

    def serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._upstream))
                self._open += [client, server]
                Thread(target=self._copy, args=(client, server), daemon=True).start()
                Thread(target=self._limited, args=(server, client), daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for each in [self._listener, *self._open]:
            each.close()

    def _copy(self, source: socket.socket, goal: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                goal.sendall(data)
            goal.shutdown(socket.SHUT_WR)

    def _limited(self, source: socket.socket, goal: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 14):
                self._left -= len(data)
                if self._left < 0 and not self.reached.is_set():
                    self.reached.set()
                    if self._then is Then.HANG_UP:
                        goal.shutdown(socket.SHUT_RDWR)
                        return
                if self._left < 0 and self._then is Then.STALL:
                    return
                goal.sendall(data)
            goal.shutdown(socket.SHUT_WR)


@contextmanager
def proxied(upstream: int, most: int, then: Then) -> Iterator[Proxy]:
    """Yield a proxy that lets `most` bytes of answers through."""
    proxy = Proxy(upstream, most, then)
    thread = Thread(target=proxy.serve, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()
