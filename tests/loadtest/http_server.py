"""A real HTTP server whose clients say in their requests how it is to behave."""

import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from loadtest.http_driver import Target

REPLY = b'{"matches":[{"id":3},{"id":1},{"id":2}]}'


class ScriptedServer:
    """Answers 200 with `reply`, and `timing`, unless the body holds one of: fail, drop, endless, pieces, slow."""

    def __init__(self, reply: bytes = REPLY) -> None:
        self.reply = reply
        self.timing = ""
        self.bodies: Counter[bytes] = Counter()
        self.media_types: set[str] = set()
        self.clients: set[tuple[str, int]] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/v1/faq/match"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.socket.close()

    def target(self, media_type: str = "application/json") -> Target:
        """Where a driver sends requests."""
        return Target("127.0.0.1", self.port, "/v1/faq/match", media_type)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                self.send_response(200)  # to balancers' looks at /readyz
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.bodies[body] += 1
                outer.clients.add(self.client_address)
                outer.media_types.add(self.headers["content-type"])
                if b"drop" in body:
                    self.close_connection = True
                    return
                time.sleep(0.5 if b"slow" in body else 0)
                self.send_response(500 if b"fail" in body else 200)
                if outer.timing:
                    self.send_header("Server-Timing", outer.timing)
                if b"endless" not in body:
                    self.send_header("Content-Length", str(len(outer.reply)))
                self.end_headers()
                reply = outer.reply
                for piece in (reply[:5], reply[5:]) if b"pieces" in body else (reply,):
                    self.wfile.write(piece)
                    self.wfile.flush()
                    time.sleep(0.002 if b"pieces" in body else 0)

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        return Handler
