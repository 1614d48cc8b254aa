"""How the connection to one Triton is kept; values of gRPC Core.

https://grpc.github.io/grpc/core/group__grpc__arg__keys.html
"""

from typing import Any

import grpc

# A Triton that is gone without a farewell (its node is lost) is noticed while calls are in flight, by pings that nobody
# acknowledges. Triton's gRPC server hangs up on whoever pings more than twice without having been sent anything, within
# five minutes (--grpc-http2-max-ping-strikes, --grpc-http2-min-recv-ping-interval-without-data). gRPC sends no third
# ping before it has sent data, unless grpc.http2.max_pings_without_data is raised: leave that alone.
_PING_AFTER = 10_000  # milliseconds without anything received
_PING_PATIENCE = 5_000  # milliseconds

_OPTIONS = [
    # A Triton that restarts is found again within a second; gRPC's own default backs off to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1000),  # and the patience with an attempt to connect
    ("grpc.max_reconnect_backoff_ms", 800),
    ("grpc.dns_min_time_between_resolutions_ms", 1000),  # for the name of a single address that moves; else 30 s
    ("grpc.enable_http_proxy", 0),  # a proxy from the environment is meant for the outside world
    ("grpc.use_local_subchannel_pool", 1),  # several gateways in one process (tests) keep their own connections
    ("grpc.enable_retries", 0),  # they are made here, where it is known which Triton has failed
    # The batch size limits messages, both ways; gRPC's own 4 MiB would refuse a reply of a thousand classes each.
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
]


def connect(address: str, ping_after: int = _PING_AFTER, ping_patience: int = _PING_PATIENCE) -> Any:
    """Return a channel to one address; it connects when it is first used, or asked to. Times are in milliseconds."""
    pings = [
        ("grpc.keepalive_time_ms", ping_after),
        ("grpc.keepalive_timeout_ms", ping_patience),
        # Of pings for other purposes. While one is on its way no keepalive ping is sent, and its own patience is a
        # minute: most often that is the ping after the last data received.
        ("grpc.http2.ping_timeout_ms", ping_patience),
    ]
    return grpc.aio.insecure_channel(address, options=[*_OPTIONS, *pings])
