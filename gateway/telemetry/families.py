"""Every metric that the gateway counts itself; docs/metrics.md says what they are good for."""

from gateway.telemetry.series import Family

SECONDS = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
BYTES = tuple(float(4**power) for power in range(3, 13))  # 64 B to 16 MiB
INPUTS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)

REQUESTS = Family("scoring_requests_total", "Requests that have ended.", ("method", "protocol", "status", "client"))
REFUSALS = Family("scoring_refusals_total", "Requests without an answer, by reason.", ("method", "reason"))
ITEMS = Family("scoring_items_total", "Questions or images that were answered.", ("method",))
DURATION = Family(
    "scoring_request_duration_seconds", "Time from a request's head to its end.", ("method", "protocol"), SECONDS
)
STAGE = Family(
    "scoring_stage_duration_seconds",
    "Time that a request spent in each stage: read, decode, wait, infer, encode.",
    ("method", "stage"),
    SECONDS,
)
RECEIVED = Family("scoring_request_size_bytes", "Bytes in the bodies of requests.", ("method",), BYTES)
SENT = Family("scoring_response_size_bytes", "Bytes in the bodies of replies.", ("method",), BYTES)
CALLS = Family("scoring_model_calls_total", "Calls to Triton that have ended.", ("model", "outcome"))
CALL_DURATION = Family("scoring_model_call_duration_seconds", "Time that a call to Triton took.", ("model",), SECONDS)
BATCH = Family("scoring_batch_size", "Questions or images in a call to Triton.", ("model",), INPUTS)

COUNTED = (REQUESTS, REFUSALS, ITEMS, DURATION, STAGE, RECEIVED, SENT, CALLS, CALL_DURATION, BATCH)

LINES_DROPPED = Family("scoring_log_lines_dropped_total", "Log lines that nobody read in time.", ())
SPANS_SENT = Family("scoring_spans_exported_total", "Spans that the collector took.", ())
SPANS_DROPPED = Family("scoring_spans_dropped_total", "Spans that the collector did not take in time.", ())

IN_FLIGHT = "scoring_requests_in_flight"

# What gauges say, and counters that are read like them.
_DESCRIBED = {
    IN_FLIGHT: "Requests that have begun and not yet ended.",
    "scoring_admitted_items": "Questions or images that were admitted and not yet answered.",
    "scoring_admitted_bytes": "Bytes of requests that were admitted and not yet answered.",
    "scoring_queued_items": "Questions or images that wait for a call to Triton.",
    "scoring_triton_open_breakers": "Tritons and models that get no calls, or one to try, because others failed.",
    "scoring_triton_calls_in_flight": "Calls to Triton that have begun and not yet ended.",
    "scoring_triton_retries_total": "Calls that were made a second time, to another Triton.",
    "scoring_triton_fallback_calls_total": "Calls answered by Tritons that stand in for others.",
    "scoring_http_connections": "Open HTTP connections.",
    "scoring_tls_certificate_expiry_timestamp_seconds": "When the certificate in use expires, since the epoch.",
    "scoring_build_info": "Version of the gateway and of Python; always 1.",
    "scoring_model_ready": "Whether the model answered its last golden request: 1 or 0.",
    "scoring_model_info": "Version and engine of the model that answered last; always 1.",
    "process_cpu_seconds_total": "User and system time spent, in seconds.",
    "process_start_time_seconds": "Start of the process, in seconds since the epoch.",
    "process_virtual_memory_bytes": "Virtual memory, in bytes.",
    "process_resident_memory_bytes": "Resident memory, in bytes.",
    "process_open_fds": "Open files and connections.",
    "process_max_fds": "Most files and connections that may be open.",
}


def described(name: str) -> str:
    """Return what a gauge says."""
    return _DESCRIBED.get(name, name.removeprefix("scoring_").replace("_", " ").capitalize() + ".")
