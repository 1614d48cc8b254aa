"""A web server on this machine that serves weights well and badly."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

CONTENT = bytes(range(256)) * 10_000  # 2.56 MB: three pieces


class _Handler(BaseHTTPRequestHandler):
    """Answers by path; `asked` counts the requests."""

    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        match self.path.partition("?")[0]:
            case "/weights.pth":
                self._answer(200, {"Content-Length": str(len(CONTENT))}, CONTENT)
            case "/unannounced.pth":
                self._answer(200, {}, CONTENT)
            case "/short.pth":
                self._answer(200, {"Content-Length": str(len(CONTENT))}, CONTENT[:2_000_000])
            case "/endless.pth":
                self._answer(200, {"Content-Length": str(10**12)}, b"")
            case "/moved.pth":
                self._answer(302, {"Location": "/weights.pth"}, b"")
            case "/elsewhere.pth":
                self._answer(302, {"Location": "http://example.com/weights.pth"}, b"")
            case "/to-a-file.pth":
                self._answer(302, {"Location": "file:///etc/hostname"}, b"")
            case "/no-http.pth":
                self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
            case _:
                self._answer(404, {"Content-Length": "0"}, b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the standard library's name
        pass

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Server:
    """`url` of the root; `asked` is the number of requests so far."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def asked(self) -> int:
        return _Handler.asked


@contextmanager
def running() -> Iterator[Server]:
    """Serve on a free port for as long as the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
