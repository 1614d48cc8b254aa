"""Limits of a gateway."""

from tests.k8s.monitoring.promtool import Case
from tests.k8s.monitoring.scraped import gateway

CASES = [
    Case(
        "ScoringConnectionsNearLimit",
        "4000 of 4096",
        {gateway("scoring_http_connections", worker="0"): "4000x30"},
        "15m",
    ),
    Case(
        "ScoringConnectionsNearLimit",
        "two workers with 2000 each",
        {gateway("scoring_http_connections", worker=worker): "2000x30" for worker in "01"},
        "15m",
        0,
    ),
    Case(
        "ScoringConnectionsNearLimit",
        "no connections",
        {gateway("scoring_http_connections", worker="0"): "0x30"},
        "15m",
        0,
    ),
    Case(
        "ScoringFileDescriptorsNearLimit",
        "90 %",
        {gateway("process_open_fds", worker="0"): "922x30", gateway("process_max_fds", worker="0"): "1024x30"},
        "15m",
    ),
    Case(
        "ScoringFileDescriptorsNearLimit",
        "10 %",
        {gateway("process_open_fds", worker="0"): "100x30", gateway("process_max_fds", worker="0"): "1024x30"},
        "15m",
        0,
    ),
    Case(
        "ScoringMemoryNearLimit",
        "2 workers of 1.5 GB",
        {gateway("process_resident_memory_bytes", worker=worker): "1500000000x30" for worker in "01"},
        "15m",
    ),
    Case(
        "ScoringMemoryNearLimit",
        "2 pods of 1.5 GB",
        {gateway("process_resident_memory_bytes", pod, worker="0"): "1500000000x30" for pod in "ab"},
        "15m",
        0,
    ),
]
