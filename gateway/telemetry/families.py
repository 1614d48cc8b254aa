"""Every metric that the gateway counts itself; docs/metrics.md says what they are good for."""

from gateway.telemetry.series import Family

_SECONDS = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BYTES = tuple(float(4**power) for power in range(3, 13))  # 64 B to 16 MiB
_INPUTS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)

REQUESTS = Family("scoring_requests_total", "Requests that have ended.", ("method", "protocol", "status", "client"))
REFUSALS = Family("scoring_refusals_total", "Requests without an answer, by reason.", ("method", "reason"))
ITEMS = Family("scoring_items_total", "Questions or images that were answered.", ("method",))
DURATION = Family(
    "scoring_request_duration_seconds", "Time from a request's head to its end.", ("method", "protocol"), _SECONDS
)
STAGE = Family(
    "scoring_stage_duration_seconds",
    "Time that a request spent in each stage: read, decode, wait, infer, encode.",
    ("method", "stage"),
    _SECONDS,
)
RECEIVED = Family("scoring_request_size_bytes", "Bytes in the bodies of requests.", ("method",), _BYTES)
SENT = Family("scoring_response_size_bytes", "Bytes in the bodies of replies.", ("method",), _BYTES)
CALLS = Family("scoring_model_calls_total", "Calls to Triton that have ended.", ("model", "outcome"))
CALL_DURATION = Family("scoring_model_call_duration_seconds", "Time that a call to Triton took.", ("model",), _SECONDS)
BATCH = Family("scoring_batch_size", "Questions or images in a call to Triton.", ("model",), _INPUTS)

COUNTED = (REQUESTS, REFUSALS, ITEMS, DURATION, STAGE, RECEIVED, SENT, CALLS, CALL_DURATION, BATCH)
