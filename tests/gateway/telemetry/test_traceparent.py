"""Traces of new requests, after W3C Trace Context level 2."""

import pytest

from gateway.telemetry.traceparent import begin, parse

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.mark.parametrize(("flags", "sampled"), [("00", False), ("01", True), ("02", False), ("03", True), ("ff", True)])
def test_a_request_joins_the_trace_that_it_names(flags: str, sampled: bool) -> None:
    """Trace and parent are taken over, the last flag decides about recording, the span is new."""
    trace = parse(f"00-{TRACE}-{PARENT}-{flags}".encode())
    assert trace is not None
    assert (trace.trace_id.hex(), trace.parent_id.hex(), trace.sampled) == (TRACE, PARENT, sampled)
    assert len(trace.span_id) == 8
    assert trace.span_id.hex() not in {PARENT, "0" * 16}


@pytest.mark.parametrize("header", [f"01-{TRACE}-{PARENT}-01", f"cc-{TRACE}-{PARENT}-01-what the future brings"])
def test_later_versions_are_read_as_far_as_they_are_known(header: str) -> None:
    """They may append fields."""
    trace = parse(header.encode())
    assert trace is not None
    assert trace.sampled


@pytest.mark.parametrize(
    "header",
    [
        "",
        "00",
        f"ff-{TRACE}-{PARENT}-01",  # no version
        f"0-{TRACE}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}",
        f"00-{TRACE}-{PARENT}-1",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{TRACE}-{PARENT}-01-",
        f"01-{TRACE}-{PARENT}-01more",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE[1:]}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}g-01",
        f" 00-{TRACE}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01\n",
        f"00_{TRACE}_{PARENT}_01",
    ],
)
def test_invalid_headers_are_ignored(header: str) -> None:
    """A trace begins anew then."""
    assert parse(header.encode()) is None


def test_bytes_that_are_no_text_are_ignored() -> None:
    """Headers may hold any byte."""
    assert parse(b"00-\xff\xfe") is None


def test_new_traces_differ() -> None:
    """Each has ids of its own, no parent, and the wanted flag."""
    one, other = begin(sampled=True), begin(sampled=False)
    assert one.trace_id != other.trace_id
    assert one.span_id != other.span_id
    assert (one.parent_id, one.sampled, other.sampled) == (b"", True, False)
    assert parse(one.header().encode()) is not None
