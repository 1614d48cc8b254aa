"""Spans reach a real collector; one that is dead, slow or unwilling costs spans and nothing else."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from gateway.setting import SettingsError
from gateway.telemetry.span_sender import SpanSender
from gateway.telemetry.spans import SpanMaker
from gateway.telemetry.traceparent import begin
from tests.gateway.telemetry.made_calls import made_call
from tests.otlp_collector import running_collector


def _spans() -> list[ReadableSpan]:
    """A request and its five stages."""
    call = made_call(trace=begin(sampled=True))
    return SpanMaker().of_request(call, "", call.arrival + 1.0)


@contextmanager
def _sending(endpoint: str) -> Iterator[SpanSender]:
    sender = SpanSender(endpoint)
    sender.start()
    try:
        yield sender
    finally:
        sender.close(5.0)


def _dead_address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def _wait_for(sender: SpanSender, *, dropped: int) -> None:
    end = time.monotonic() + 30
    while sender.dropped < dropped:
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("path", ["", "/", "/v1/traces"])
def test_spans_arrive(path: str) -> None:
    """An address without a path gets OTLP's own; ids, times and attributes are those of the spans."""
    with running_collector() as collector, _sending(collector.url + path) as sender:
        spans = _spans()
        sender.put(6, lambda: spans)
        request, *_ = collector.wait(lambda found: len(found) == 6)
        context = spans[0].get_span_context()
        assert context is not None
        assert request.trace_id == f"{context.trace_id:032x}"
        assert request.name == "faq.match"
        assert (request.started, request.ended) == (spans[0].start_time, spans[0].end_time)
        assert request.attributes["http.response.status_code"] == 200
        while sender.sent < 6:
            time.sleep(0.01)


def test_the_last_spans_are_sent_at_the_end() -> None:
    """A gateway that stops waits for the collector, for a moment."""
    with running_collector() as collector:
        with _sending(collector.url) as sender:
            sender.put(6, _spans)
        assert len(collector.spans) == 6
        assert (sender.sent, sender.dropped) == (6, 0)


def test_a_dead_collector_costs_spans_alone(caplog: pytest.LogCaptureFixture) -> None:
    """They are counted, and one line says so, without the name and password of the address."""
    caplog.set_level(logging.DEBUG)
    with _sending(f"http://name:password@{_dead_address()}") as sender:
        for batch in range(1, 3):
            sender.put(6, _spans)
            sender._exporter._client._shutdown_event.set()  # or it would try again for seconds
            _wait_for(sender, dropped=6 * batch)
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("gateway")]
    assert len(lines) == 1
    assert "takes no spans; 6 are lost so far" in lines[0]
    assert not any("password" in record.getMessage() for record in caplog.records)


def test_an_unwilling_collector_is_one_too() -> None:
    """It answers, and takes nothing."""
    with running_collector() as collector, _sending(collector.url) as sender:
        collector.status = 400
        sender.put(6, _spans)
        _wait_for(sender, dropped=6)


def test_a_slow_collector_holds_up_nobody() -> None:
    """The queue is bounded, what does not fit is counted, and the end does not wait for the collector."""
    with running_collector() as collector:
        collector.hold = threading.Event()
        sender = SpanSender(collector.url)
        sender.start()
        spans, started = _spans(), time.monotonic()
        for _ in range(2_000):
            sender.put(6, lambda: spans)
        assert sender.dropped >= 2_000 * 6 - 4096 - 512
        sender.close(0.2)
        assert time.monotonic() - started < 10
        collector.hold.set()
        end = time.monotonic() + 20
        while sender.sent + sender.dropped < 12_000:
            assert time.monotonic() < end
            time.sleep(0.02)
        assert sender.sent + sender.dropped == 12_000


@pytest.mark.parametrize("endpoint", ["collector:4318", "ftp://collector", "http://", "http://collector:port"])
def test_an_address_that_is_none_is_refused_at_the_start(endpoint: str) -> None:
    """The message shows how one looks, and not what was given: it may hold a password."""
    with pytest.raises(SettingsError, match=r"^SCORING_OTLP_ENDPOINT: .*http://collector:4318$"):
        SpanSender(endpoint)
