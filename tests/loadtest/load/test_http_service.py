"""Asking a service over HTTP, before it is loaded."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from loadtest.errors import LoadTestError
from loadtest.load.http_service import Bodies, HttpService, parse
from loadtest.processes import free_ports

BODIES = Bodies("faq", "/v1/faq/match", "application/json", [b'{"question":"why"}'], 1)
OK = {"matches": [], "model": {"name": "faq_matcher", "version": "7"}}


@contextmanager
def answering(status: int, reply: object, seen: list[str] | None = None) -> Iterator[str]:
    """A service with one answer to everything; `seen` gets the credentials that it was shown."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            if seen is not None:
                seen.append(f"{self.path} {self.headers['authorization']}")
            content = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_answer_tells_how_long_it_took_and_which_model_gave_it() -> None:
    """The key is sent as the gateway wants it, below the path of the address, and is in nothing that is stored."""
    seen: list[str] = []
    with answering(200, OK, seen) as url:
        service = HttpService(f"{url}/behind/a/proxy/", "the-key", BODIES)
        answer = service.ask()
    assert answer.seconds > 0
    assert answer.served == {"faq_matcher": "7"}
    assert seen == ["/behind/a/proxy/v1/faq/match Bearer the-key"]
    assert "the-key" not in repr(service.target)


@pytest.mark.parametrize("reply", [{}, [], {"model": None}, {"model": "a text"}])
def test_another_service_s_answer_is_as_good(reply: object) -> None:
    """It need not say which model gave it."""
    with answering(200, reply) as url:
        assert HttpService(url, "", BODIES).ask().served == {}


@pytest.mark.parametrize(
    ("status", "hint"),
    [(401, "--key-file"), (403, "--key-file"), (404, "--url"), (422, "--list-size"), (429, "quota"), (503, "/readyz")],
)
def test_refusal_says_why_and_what_to_do(status: int, hint: str) -> None:
    """In the service's own words, where it has some."""
    with answering(status, {"detail": "Because."}) as url, pytest.raises(LoadTestError) as raised:
        HttpService(url, "", BODIES).ask()
    assert f"/v1/faq/match answers {status}: Because." in str(raised.value)
    assert hint in raised.value.hint
    with answering(status, ["no problem"]) as url, pytest.raises(LoadTestError, match=f"answers {status}$"):
        HttpService(url, "", BODIES).ask()


def test_service_that_is_down_is_told() -> None:
    """With what to do about it."""
    (port,) = free_ports(1)
    with pytest.raises(LoadTestError, match="Connection refused") as raised:
        HttpService(f"http://127.0.0.1:{port}", "", BODIES).ask()
    assert "--url" in raised.value.hint
    with pytest.raises(LoadTestError, match="no such host"):
        HttpService("http://no.such.host.invalid", "", BODIES).ask()


def test_addresses_are_read() -> None:
    """The port is the scheme's where none is written; a host may be an IPv6 address."""
    assert parse("http://host") == (False, "host", 80, "")
    assert parse("https://host/below") == (True, "host", 443, "/below")
    assert parse("http://[::1]:8080/") == (False, "::1", 8080, "")


@pytest.mark.parametrize(
    "url",
    ["", "host:8080", "ftp://host", "http://", "http://host:99999", "http://u:p@host", "http://h/?a"],
)
def test_other_addresses_are_refused(url: str) -> None:
    """With an example."""
    with pytest.raises(LoadTestError) as raised:
        parse(url)
    assert "http://" in raised.value.hint
