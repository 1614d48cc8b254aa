"""A Blob Storage that gives the same answer to everything: what no emulator refuses, Azure does."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@contextmanager
def answering(status: int, code: str) -> Iterator[int]:
    """Yield the port of one that refuses all but HEAD, with a status and the service's word for it."""

    class Answer(BaseHTTPRequestHandler):
        timeout = 5

        def do_HEAD(self) -> None:
            self._answer(200, {"Content-Length": "3", "x-ms-blob-type": "BlockBlob"})

        def _refuse(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._answer(status, {"Content-Length": "0", "x-ms-error-code": code})

        do_GET = do_PUT = do_DELETE = _refuse  # noqa: N815 - as the server wants them

        def _answer(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
