"""A collector of traces on a real socket: takes OTLP over HTTP, protobuf and JSON, and keeps the spans."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Span:
    """What tests want to know of a span; ids in hexadecimal, times in nanoseconds."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    started: int
    ended: int
    attributes: dict[str, Any]
    links: list[str]  # ids of spans
    kind: int
    status: int


@dataclass
class Collector:
    """The spans that arrived, and as whom the senders came."""

    url: str
    spans: list[Span] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    status: int = 200  # what it answers
    hold: Event | None = None  # answers only when this is set

    def wait(self, enough: Callable[[list[Span]], bool], seconds: float = 20.0) -> list[Span]:
        """Return the spans once they are enough."""
        end = time.monotonic() + seconds
        while not enough(self.spans):
            assert time.monotonic() < end, f"too few spans after {seconds} s: {self.spans}"
            time.sleep(0.02)
        return list(self.spans)


@contextmanager
def running_collector() -> Iterator[Collector]:
    """Collect on a free port while the context lasts."""
    collector = Collector("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(collector))
    server.daemon_threads = True
    collector.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(collector: Collector) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if collector.hold is not None:
                collector.hold.wait()
            if collector.status == 200 and self.path == "/v1/traces":
                collector.bodies.append(body)
                collector.headers.append(dict(self.headers))
                collector.spans += _spans(body, self.headers["content-type"])
            self.send_response(collector.status if self.path == "/v1/traces" else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


def _spans(body: bytes, content_type: str) -> Iterator[Span]:
    if content_type == "application/json":  # Triton's
        yield from _json_spans(json.loads(body))
        return
    for group in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = _attributes(group.resource.attributes)["service.name"]
        for scope in group.scope_spans:
            for span in scope.spans:
                yield Span(
                    service, span.name, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(),
                    span.start_time_unix_nano, span.end_time_unix_nano, _attributes(span.attributes),
                    [link.span_id.hex() for link in span.links], span.kind, span.status.code,
                )  # fmt: skip


def _json_spans(request: Any) -> Iterator[Span]:
    for group in request["resourceSpans"]:
        resource = {each["key"]: next(iter(each["value"].values())) for each in group["resource"]["attributes"]}
        for scope in group["scopeSpans"]:
            for span in scope["spans"]:
                attributes = {each["key"]: next(iter(each["value"].values())) for each in span.get("attributes", ())}
                yield Span(
                    resource["service.name"], span["name"], span["traceId"], span["spanId"],
                    span.get("parentSpanId", ""), int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"]),
                    attributes, [], span["kind"], 0,
                )  # fmt: skip


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}
